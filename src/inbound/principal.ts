// The person as proven by the identity provider. Every inbound room may speak of it; none may change it.

/** The person as proven by the IdP. */
export interface Principal {
  readonly id: string
  readonly name: string
  readonly email: string | undefined
  readonly groups: readonly string[]
  /** The IdP's entity id. */
  readonly idp: string
  readonly nameId: string
  readonly nameIdFormat: string | undefined
  readonly sessionIndex: string | undefined
  /** AuthnContextClassRef of the sign-in. */
  readonly authnContext: string | undefined
  /** When the person signed in at the IdP, ms since the epoch. */
  readonly authenticatedAt: number
  /** The IdP's own end of the session (SessionNotOnOrAfter), ms since the epoch. */
  readonly notAfter: number | undefined
}
