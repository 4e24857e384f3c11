// Keys for the safe: the keys that a trail cannot be read without, sealed under a code that is made for it and shown once, to be kept apart from the file.
import { hkdfSync, randomBytes } from 'node:crypto'
import { closeSeal, openSeal } from './seal.ts'

/** Crockford's base32: no letter that looks like another. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLetters = 29
const groupLetters = 5
const head = 'sallyport key escrow 1'

export interface Escrow {
  /** Names to contents: `audit.key`, `export.key`. */
  readonly keys: Readonly<Record<string, string>>
  readonly gateway: string
  /** Milliseconds since the epoch. */
  readonly madeAt: number
}

/** The text of the file, and the code that opens it: six groups of five, 145 random bits and a letter that finds typing mistakes. */
export function sealEscrow (escrow: Escrow): { readonly text: string, readonly code: string } {
  const letters = [...randomBytes(codeLetters)].map(byte => byte % alphabet.length)
  const code = [...letters, checkOf(letters)].map(number => alphabet[number]).join('')
  const clear = `${head}\ngateway ${escrow.gateway}\nmade ${new Date(escrow.madeAt).toISOString()}\nholds ${Object.keys(escrow.keys).join(' ')}\n`
  const sealed = closeSeal(Buffer.from(JSON.stringify(escrow.keys)), keyOf(code), Buffer.from(clear))
  return { text: `${clear}\n${(sealed.match(/.{1,76}/g) ?? []).join('\n')}\n`, code: (code.match(new RegExp(`.{${groupLetters}}`, 'g')) ?? []).join('-') }
}

/** What an escrow file says of itself, or undefined when it is none. */
export function readEscrow (text: string): { readonly gateway: string, readonly madeAt: number, readonly holds: readonly string[], open (code: string): Escrow['keys'] | undefined } | undefined {
  const match = /^(?<clear>sallyport key escrow 1\ngateway (?<gateway>[a-z][a-z0-9-]{0,62})\nmade (?<made>[0-9TZ:.-]{24})\nholds (?<holds>[a-z. ]+)\n)\n(?<sealed>[A-Za-z0-9_\n-]+)$/.exec(text)
  if (match?.groups === undefined) return undefined
  const part = (name: string) => match.groups?.[name] as string
  return {
    gateway: part('gateway'),
    madeAt: Date.parse(part('made')),
    holds: part('holds').split(' '),
    open (code) {
      const plain = openSeal(part('sealed').replaceAll('\n', ''), keyOf(code), Buffer.from(part('clear')))
      return plain === undefined ? undefined : JSON.parse(plain.toString()) as Escrow['keys']
    },
  }
}

/** The code as it was made, whatever way it was typed; undefined when a letter is wrong or missing. */
export function readEscrowCode (typed: string): string | undefined {
  const text = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  const numbers = [...text].map(letter => alphabet.indexOf(letter))
  if (numbers.length !== codeLetters + 1 || numbers.includes(-1)) return undefined
  return checkOf(numbers.slice(0, -1)) === numbers.at(-1) ? text : undefined
}

/** A remainder over GF(32) (x⁵ + x² + 1): it differs when one letter is another, and when any two change places. */
function checkOf (numbers: readonly number[]): number {
  const next = (sum: number) => (sum << 1) ^ ((sum & 16) === 0 ? 0 : 0b100101)
  return next(numbers.reduce((sum, number) => next(sum) ^ number, 0))
}

function keyOf (code: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(code), '', head, 32))
}
