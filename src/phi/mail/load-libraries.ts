// The libraries that mail is read with. They are loaded with the first mail, and a gateway that sees none does without them; the engine works in one go, so it cannot wait for an
// import.
import { createRequire } from 'node:module'
import type Libmime from 'libmime'
import type Libqp from 'libqp'
import type Mailsplit from 'mailsplit'
import type Addressparser from 'nodemailer/lib/addressparser'

const load = createRequire(import.meta.url)

function once<T> (name: string): () => T {
  let loaded: T | undefined
  return () => {
    loaded ??= load(name) as T
    return loaded
  }
}

export const loadLibmime = once<typeof Libmime>('libmime')
export const loadLibqp = once<typeof Libqp>('libqp')
export const loadMailsplit = once<typeof Mailsplit>('mailsplit')
export const loadAddressparser = once<typeof Addressparser>('nodemailer/lib/addressparser')
