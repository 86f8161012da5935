import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RETRY_FOR_AN_HOUR, type State } from '../events/states.ts';
import { evaluated, oneLine } from './jsonata.ts';
import { type Recipients, topicsOf } from './recipients.ts';

/**
 * SNS accepts subjects in UTF-8, without line breaks and control characters, of less than 100 characters.
 *
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
const SUBJECT = oneLine('$states.input.subject', 99);

/** What stands above the next steps in an e-mail. */
const HEADING = 'What to do:';

/** The text, and what to do in lines of its own. */
const EMAIL = `$join($append($states.input.text, $exists($states.input.nextSteps) ? $append('\\n${HEADING}', $states.input.nextSteps)), '\\n')`;

/**
 * A text of at most a number of characters without links and mentions of a chat application, which begin with `<`:
 * some texts come from accounts.
 */
const forChat = (code: string, limit: number) =>
  `$substring($replace($replace(${code}, '<', '‹'), '>', '›'), 0, ${limit})`;

/** The text for a chat application, if it gets another one, or that of the e-mail. */
const CHAT_TEXT = '($exists($states.input.chat) ? $states.input.chat : $states.input.text)';

/**
 * The notification as Amazon Q Developer in chat applications takes it. The form is that of the page below. The limits of
 * 250 characters for the title and 8,000 for the description are not verified: no copy of that part of the page was at hand.
 *
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
const CHAT = `$string({${[
  `'version': '1.0'`,
  `'source': 'custom'`,
  `'content': {${[
    `'textType': 'client-markdown'`,
    `'title': ${forChat('$states.input.subject', 250)}`,
    `'description': ${forChat(CHAT_TEXT, 8000)}`,
    `'nextSteps': $states.input.nextSteps`,
  ].join(', ')}}`,
].join(', ')}})`;

/**
 * A state, in JSONata, that sends a notification to all recipients. Its input is an object with
 *
 * - `subject`, a text: SNS gets its first 99 characters, with a space for line breaks and control characters;
 * - `text`, the lines of the e-mail, joined;
 * - `nextSteps`, optionally a list of texts: what the recipient should do;
 * - `chat`, optionally the text for a chat application, if it gets another one.
 *
 * Its error is that of SNS, for example `SNS.AuthorizationErrorException`, after retries for about an hour. If a chat
 * application is a recipient too, a failure for one recipient does not keep the notification from the other.
 *
 * @param then how the state ends: `{ End: true }`, or `Next` with what else the state needs, for example `Catch`
 */
export function publishState({ topic, chatTopic }: Recipients, then: State): State {
  const email = publish(topic.topicArn, {
    Subject: evaluated({ code: SUBJECT }),
    Message: evaluated({ code: EMAIL }),
  });
  if (!chatTopic) return { ...email, ...then };
  const chat = publish(chatTopic.topicArn, { Message: evaluated({ code: CHAT }) });
  return {
    Type: 'Parallel',
    Branches: [only('SendToTopic', email), only('SendToChat', chat)],
    ...then,
  };
}

function publish(topicArn: string, message: State): State {
  return {
    Type: 'Task',
    Resource: `arn:${Aws.PARTITION}:states:::sns:publish`,
    Arguments: { TopicArn: topicArn, ...message },
    TimeoutSeconds: 60,
    // Whatever the reason, a lost notification is the alternative.
    Retry: [RETRY_FOR_AN_HOUR],
  };
}

function only(name: string, state: State): State {
  return { StartAt: name, States: { [name]: { ...state, End: true } } };
}

/** What the role of a state machine needs for {@link publishState}. */
export function publishPolicy(recipients: Recipients): iam.PolicyDocument {
  const { keyArn } = recipients;
  const topics = topicsOf(recipients).map(({ topicArn }) => topicArn);
  const statements = [new iam.PolicyStatement({ actions: ['sns:Publish'], resources: topics })];
  if (keyArn !== undefined) {
    const actions = ['kms:Decrypt', 'kms:GenerateDataKey'];
    statements.push(new iam.PolicyStatement({ actions, resources: [keyArn] }));
  }
  return new iam.PolicyDocument({ statements });
}
