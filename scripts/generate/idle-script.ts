// The script of the idle logout as browsers get it: every page of the CRM brings it along, so it is made small. What it does is in idle-script.js.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { minify } from 'terser'

/** Throws when the source cannot be read as a script. */
export async function writeIdleScript (root: string): Promise<string> {
  const source = await readFile(join(root, 'src/inbound/idle/idle-script.js'), 'utf8')
  const { code } = await minify(source, { ecma: 2020, compress: { passes: 3, unsafe_arrows: true }, mangle: true, format: { ascii_only: true } })
  if (code === undefined || !/\(globalThis\);?$/.test(code)) throw new Error('the idle script does not end with a call of its words')
  return `${code}\n`
}
