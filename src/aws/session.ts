/** What a session is called that may act. IAM policies go by it: see `deploy/policies/documents.ts`. */
export const RUNNING = 'understudy'
/** What a session is called that may only look. */
export const LOOKING = 'understudy-look'
/** Whoever assumes a role says beforehand which of the two; the role's trust says who may say which. */
export type Session = typeof RUNNING | typeof LOOKING
