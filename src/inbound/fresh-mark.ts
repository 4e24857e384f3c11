// A mark in the browser that the next sign-in must be a fresh one: the IdP's own session often outlives ours, and without the mark a click at
// an abandoned desk would be enough to go on. It says nothing about anybody; losing it costs only the question.

export const freshMarkName = '__Host-sallyport-again'

const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax'

/** Set-Cookie that sets the mark; a day is longer than any IdP session should be. */
export const settingFreshMark = `${freshMarkName}=1; Max-Age=86400; ${attributes}`

/** Set-Cookie that removes it, after a sign-in. */
export const clearingFreshMark = `${freshMarkName}=; Max-Age=0; ${attributes}`

export function hasFreshMark (cookieHeader: string | undefined): boolean {
  return (cookieHeader ?? '').split(';').some(pair => pair.trim() === `${freshMarkName}=1`)
}
