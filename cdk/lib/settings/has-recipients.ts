/** Whether the settings name a recipient of notifications. */
export function hasRecipients({
  alertEmail,
  alertTopic,
}: {
  readonly alertEmail?: string | undefined;
  readonly alertTopic?: string | undefined;
}): boolean {
  return alertEmail !== undefined || alertTopic !== undefined;
}
