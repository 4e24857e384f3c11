// A strict reader of CEF: seven bars, keys of letters and digits, every other equals sign and backslash escaped. It throws on anything else.

export function parseCef (line: string): { readonly header: readonly string[], readonly fields: ReadonlyMap<string, string> } {
  const head = /^((?:(?:[^\\|]|\\[\\|])*\|){7})/su.exec(line)
  if (head === null || !line.startsWith('CEF:0|')) throw new Error(`no head: ${line}`)
  const header = [...(head[1] ?? '').matchAll(/((?:[^\\|]|\\[\\|])*)\|/gsu)].map(match => (match[1] ?? '').replace(/\\([\\|])/g, '$1'))
  const rest = line.slice(head[0].length)
  const fields = new Map<string, string>()
  const shape = /([A-Za-z0-9]+)=((?:[^\\=]|\\[\\=nr])*?)(?=\s[A-Za-z0-9]+=|$)/gyu
  for (let at = 0; at < rest.length; at = shape.lastIndex + 1) {
    shape.lastIndex = at
    const match = shape.exec(rest)
    if (match === null || fields.has(match[1] ?? '')) throw new Error(`no field at ${at}: ${rest}`)
    fields.set(match[1] ?? '', (match[2] ?? '').replace(/\\([\\=nr])/g, (_all, mark: string) => mark === 'n' ? '\n' : mark === 'r' ? '\r' : mark))
  }
  return { header, fields }
}
