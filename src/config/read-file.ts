// Why a file could not be read, in words that end a sentence about it.

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist: check its path, which is relative to the configuration file.',
  EACCES: 'may not be read by this account: give it the right to read.',
  EPERM: 'may not be read by this account: give it the right to read.',
  EISDIR: 'is a directory: name a file in it.',
  ENOTDIR: 'does not exist: a part of its path is a file and not a directory.',
  ELOOP: 'is a symbolic link that leads to itself.',
  ENAMETOOLONG: 'has a name that is too long.',
}

export function explainFileError (error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return sentences[code] ?? `cannot be read${code === '' ? '' : ` (${code})`}.`
}
