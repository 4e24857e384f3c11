// What a step of loading has to say about one place of the file, before it is known on which line that is.

export type Path = readonly (string | number)[]

export interface Problem {
  readonly path: Path
  /** Whether it is about the setting's name or about what stands behind it. */
  readonly at: 'key' | 'value'
  /** A whole sentence that says what is wrong and what to do. Never a secret's value. */
  readonly message: string
}

/** How a setting is called in messages: `access.roles.nurse.allow[0]`. */
export function nameOf (path: Path): string {
  return path.map((part, index) => typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${printable(part)}`).join('')
}

/** The sentence about what a room finds wrong; `mistake` is its end without the full stop. */
export function explainMistake (path: Path, mistake: string): string {
  return `${nameOf(path)} cannot stand like this: ${mistake}${mistake.endsWith('?') ? '' : '.'}`
}

/** The reverse of `nameOf`, for names without dots and brackets of their own. */
export function pathOf (name: string): Path {
  return (name.match(/[^.[\]]+/g) ?? []).map(part => /^\d+$/.test(part) ? Number(part) : part)
}

/** Text from the file as it may stand in a message: bounded, and nothing that moves a terminal's cursor. */
export function printable (text: string): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?')
  return clean.length > 60 ? `${clean.slice(0, 57)}...` : clean
}
