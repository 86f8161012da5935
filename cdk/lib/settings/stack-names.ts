/** The stack with the function and the rule of one account. */
export const ACCOUNT_STACK = 'RootAccessKeyRule';

/**
 * The stack that forwards IAM's events to the home region. Its name begins like the account's stack, so that the
 * deployment policy of that stack covers it.
 */
export const IAM_EVENTS_STACK = `${ACCOUNT_STACK}-IamEvents`;

/** The stack with the bucket from which the accounts of an organization read the built function. */
export const ARTIFACT_STACK = 'RootAccessKeyRuleOrganizationArtifact';

/** The stack with the bus and the topic for notifications about the accounts of an organization. */
export const ALERTS_STACK = 'RootAccessKeyRuleOrganizationAlerts';

/** The stack with the StackSet that deploys to the accounts of an organization. */
export const STACK_SET_STACK = 'RootAccessKeyRuleOrganizationStackSet';

/** The stack with the StackSet that forwards IAM's events of the members to another home region. */
export const IAM_EVENTS_STACK_SET_STACK = 'RootAccessKeyRuleOrganizationIamEvents';

/** The stack with the organization conformance pack. */
export const PACK_STACK = 'RootAccessKeyRuleOrganizationPack';

/** The stack with the daily watch of an organization. */
export const WATCH_STACK = 'RootAccessKeyRuleOrganizationWatch';

/** The template of a member account, for a StackSet that another tool manages. */
export const MEMBER_STACK = 'RootAccessKeyRuleMember';

/** The template that each account gets in the region of IAM's events, where somebody else's StackSet deploys it. */
export const MEMBER_IAM_EVENTS_STACK = `${MEMBER_STACK}-IamEvents`;
