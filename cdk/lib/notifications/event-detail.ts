import { EventField } from 'aws-cdk-lib/aws-events';

/**
 * An object with these fields of an event's detail. The fields are objects themselves: EventBridge is documented not to
 * escape text that it takes from an event, so a quotation mark in an error message would end the JSON string.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function detailOf(fields: readonly string[]): object {
  return Object.fromEntries(
    fields.map((field) => [field, EventField.fromPath(`$.detail.${field}`)] as const),
  );
}
