// Changes to a text as ranges and what stands there instead, so that every byte that is not changed stays as it came.

export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** `edits` are in order and do not overlap. */
export function applyEdits (text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text
  let out = ''
  let at = 0
  for (const edit of edits) {
    out += text.slice(at, edit.start)
    out += edit.text
    at = edit.end
  }
  return out + text.slice(at)
}
