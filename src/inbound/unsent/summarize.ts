// Says of a request's content what a person has to know before it is sent: names of fields and how many, files and their size. Never a value.

export interface Summary {
  readonly bytes: number
  readonly fields: readonly { readonly name: string, readonly count: number }[]
  readonly files: number
  /** There are more fields than are named. */
  readonly isCut: boolean
}

const mostFields = 30
const longestName = 60

/** `body`: one character for each byte. What cannot be read has no fields: then its size is all that is said. */
export function summarize (body: string, type: string, isCoded: boolean): Summary {
  const { names, files } = isCoded ? nothing : read(body, type)
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const fields = [...counts].slice(0, mostFields).map(([name, count]) => ({ name: name.slice(0, longestName), count }))
  return { bytes: body.length, fields, files, isCut: counts.size > mostFields }
}

interface Reading { readonly names: readonly string[], readonly files: number }
const nothing: Reading = { names: [], files: 0 }

function read (body: string, type: string): Reading {
  const kind = (type.split(';', 1)[0] as string).trim().toLowerCase()
  if (kind === 'application/x-www-form-urlencoded') return { names: [...new URLSearchParams(body).keys()], files: 0 }
  if (kind === 'multipart/form-data') return readParts(body, /\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type))
  return /^application\/(?:[\w.+-]+\+)?json$/.test(kind) ? readJson(body) : nothing
}

function readParts (body: string, boundary: RegExpExecArray | null): Reading {
  const mark = boundary?.[1] ?? boundary?.[2]
  if (mark === undefined) return nothing
  const heads = body.split(`--${mark}\r\n`).slice(1).map(part => part.slice(0, Math.max(0, part.indexOf('\r\n\r\n'))).slice(0, 1024))
  const dispositions = heads.map(head => /^content-disposition:[^\r\n]*/im.exec(head)?.[0] ?? '')
  const names = dispositions.flatMap(line => /[;\s]name="([^"]*)"/i.exec(line)?.[1] ?? []).map(name => Buffer.from(name, 'latin1').toString('utf8'))
  return { names, files: dispositions.filter(line => /;\s*filename\*?=/i.test(line)).length }
}

function readJson (body: string): Reading {
  try {
    const value: unknown = JSON.parse(Buffer.from(body, 'latin1').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { names: Object.keys(value), files: 0 } : nothing
  } catch {
    return nothing
  }
}
