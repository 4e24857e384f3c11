// The gateway's own corner of the address space. The CRM never sees a path that begins with it.

/** Every own path begins with this; folded paths are compared, so no spelling of it reaches the CRM. */
export const ownPrefix = '/_sallyport'

export const ownPaths = {
  signIn: `${ownPrefix}/sign-in`,
  signOut: `${ownPrefix}/sign-out`,
  signedOut: `${ownPrefix}/signed-out`,
  /** How long a session has left; asked and told by the idle script. */
  session: `${ownPrefix}/session`,
  /** What was sent after the end of a session, to be confirmed. */
  unsent: `${ownPrefix}/unsent`,
  metadata: `${ownPrefix}/saml/metadata`,
  assertionConsumer: `${ownPrefix}/saml/acs`,
  singleLogout: `${ownPrefix}/saml/slo`,
} as const

/** The idle script, one for each language, under a path that changes with it. */
export const idleScriptPrefix = `${ownPrefix}/idle-`

/** Whether a wire target goes to our own routes. Anything spelled differently is judged as a request for the CRM, and refused there. */
function isOwnTarget (wireTarget: string): boolean {
  return wireTarget.startsWith(`${ownPrefix}/`)
}

/** Whether the router may see a target: one of ours without an escape that it would trip over. Anything else is judged as a request for the CRM. */
export function isRoutable (wireTarget: string): boolean {
  return isOwnTarget(wireTarget) && !(wireTarget.split('?', 1)[0] as string).includes('%')
}
