// Header fields of an answer that say what is masked in it: a field that has the name of a masked one, and addresses with such a name in their query. What else a CRM writes into
// its headers passes.
import { namesField } from './field-names.ts'
import type { MaskPlan } from './plan.ts'

type Fields = Readonly<Record<string, string | string[] | undefined>>

/** Fields with an address, or several. */
const addresses: ReadonlySet<string> = new Set(['location', 'content-location', 'refresh', 'link', 'hx-redirect', 'hx-location', 'hx-push-url', 'hx-replace-url', 'x-redirect', 'x-location', 'sourcemap'])

/** `name=value` in an address. */
const parameter = /([?&;#])([^=&;#?<>"\s,]{1,200})=([^&;#<>"\s,]*)/g

function decode (text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** What stands instead in the head of an answer; undefined takes a field away. */
export function maskHead (headers: Fields, { masksName }: MaskPlan): Readonly<Record<string, string | undefined>> {
  const out: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    if (namesField(name, masksName)) out[name] = undefined
    else if (addresses.has(name.toLowerCase()) && typeof value === 'string') {
      const left = value.replace(parameter, (all, sign: string, field: string) => namesField(decode(field), masksName) ? `${sign}${field}=` : all)
      if (left !== value) out[name] = left
    }
  }
  return out
}
