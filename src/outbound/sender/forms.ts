// The forms in which CRMs sign what they send. Each says what is signed and how it is written down; none decides whether that is good enough.
import { createHmac } from 'node:crypto'
import type { SenderConfig } from './config.ts'

export interface Signed {
  /** When it was signed, in milliseconds since the epoch; NaN when it says something that is no time; undefined when the form has none. */
  readonly time: number | undefined
  /** What the form says is the same for a message that is sent again; undefined: a copy has the same signature. */
  readonly id: string | undefined
  /** What was sent as a signature; several while a secret is changed. */
  readonly candidates: readonly string[]
  /** What the signature of these bytes must be, written as the form writes it. */
  expect (body: Uint8Array): string
}

export interface SignatureForm {
  /** `only` gives the one value of a header and throws when there is none or more. */
  read (only: (header: string) => string, request: { readonly method: string, readonly target: string }): Signed | undefined
}

type Keyed = Exclude<SenderConfig, { readonly form: 'token' | 'certificate' }>

const wholeNumber = (text: string) => /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN

/** What HubSpot writes out again before it signs an address; everything else stays encoded. */
const hubspotPlain: Readonly<Record<string, string>> = {
  '%3A': ':', '%2F': '/', '%3F': '?', '%40': '@', '%21': '!', '%24': '$', '%27': '\'', '%28': '(', '%29': ')', '%2A': '*', '%2C': ',', '%3B': ';',
}

function decodeForHubspot (target: string): string {
  return target.replace(/%[0-9A-Fa-f]{2}/g, escape => hubspotPlain[escape.toUpperCase()] ?? escape)
}

/** HubSpot, version 3: base64 of HMAC-SHA-256 over method, whole address, body and time in milliseconds. */
function createHubspot (secret: string, origin: string): SignatureForm {
  return {
    read (only, { method, target }) {
      const signature = only('x-hubspot-signature-v3')
      const time = only('x-hubspot-request-timestamp')
      return {
        time: wholeNumber(time),
        id: undefined,
        candidates: [signature],
        expect: body => createHmac('sha256', secret).update(`${method}${origin}${decodeForHubspot(target)}`).update(body).update(time).digest('base64'),
      }
    },
  }
}

/** Shopify: base64 of HMAC-SHA-256 over the body. It has no time of its own. */
function createShopify (secret: string): SignatureForm {
  return {
    read: only => ({ time: undefined, id: undefined, candidates: [only('x-shopify-hmac-sha256')], expect: body => createHmac('sha256', secret).update(body).digest('base64') }),
  }
}

/** Stripe: `t=TIME,v1=HEX,…` over time, a dot and the body; other versions than v1 are not looked at. */
function createStripe (secret: string): SignatureForm {
  return {
    read (only) {
      const parts = only('stripe-signature').split(',').map(part => part.trim().split('=', 2) as [string, string | undefined])
      const valuesOf = (name: string) => parts.flatMap(([key, value]) => key === name && value !== undefined ? [value] : [])
      const [time, ...further] = valuesOf('t')
      const candidates = valuesOf('v1').slice(0, 10)
      if (time === undefined || further.length > 0 || candidates.length === 0) return undefined
      return { time: wholeNumber(time) * 1000, id: undefined, candidates, expect: body => createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex') }
    },
  }
}

/** Standard Webhooks 1.0: `v1,BASE64` over id, time and body with dots between them; several stand with blanks between them. */
function createStandard (secret: string): SignatureForm {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return {
    read (only) {
      const id = only('webhook-id')
      const time = only('webhook-timestamp')
      const candidates = only('webhook-signature').split(' ').slice(0, 10).flatMap(part => part.startsWith('v1,') ? [part.slice(3)] : [])
      // A dot in the id could move the border between what is signed as id and as time.
      if (id === '' || id.includes('.') || candidates.length === 0) return undefined
      return { time: wholeNumber(time) * 1000, id, candidates, expect: body => createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest('base64') }
    },
  }
}

export function createForm (config: Keyed): SignatureForm {
  const secret = config.secret.reveal().trim()
  switch (config.form) {
    case 'hubspot': return createHubspot(secret, config.url)
    case 'shopify': return createShopify(secret)
    case 'stripe': return createStripe(secret)
    case 'standard': return createStandard(secret)
  }
}
