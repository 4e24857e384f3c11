// What a field of an answer says that may stand once.

/** Every value of a field that may stand once; undefined when it says two things. */
export function single (value: string | string[] | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value ?? ''
  const different = [...new Set(value)]
  return different.length === 1 ? different[0] : undefined
}
