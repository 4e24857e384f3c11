// Makes the authority of the forward proxy, bound to the hosts that the configuration opens. It never overwrites one: the CRM trusts it.
import { X509Certificate } from 'node:crypto'
import { chmod, lstat, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readOpenedHosts } from '../config/config.ts'
import { createSystemClock } from '../shared/clock.ts'
import { makeDirectory } from '../shared/make-directory.ts'
import { describeCode, OperationError } from './operation-error.ts'

export interface MadeAuthority {
  readonly certificateFile: string
  readonly keyFile: string
  readonly hosts: readonly string[]
  /** `2027-12-31` */
  readonly expires: string
  readonly fingerprint: string
}

/** Until then somebody has to make a new one; longer than a year nobody remembers how. */
const validDays = 397

/** Throws a ConfigurationError or an OperationError. */
export async function createProxyAuthority (configFile: string, directory: string): Promise<MadeAuthority> {
  const hosts = await readOpenedHosts(configFile)
  if (hosts.length === 0) throw new OperationError('No host in outbound.proxy.hosts has action: open: there is nothing that an authority could vouch for. Write the hosts first.')
  const { createCertificateAuthority } = await (await import('../outbound/proxy/proxy.ts')).loadAuthority()
  const { certificatePem, keyPem } = await createCertificateAuthority(hosts, { now: createSystemClock().now(), days: validDays })
  const files = [[join(directory, 'proxy-ca.key'), keyPem, 0o600], [join(directory, 'proxy-ca.pem'), certificatePem, 0o644]] as const
  const written: string[] = []
  try {
    await makeDirectory(directory)
    for (const [file] of files) {
      if (await lstat(file).then(() => true, () => false)) throw new OperationError(`${file} exists already and is left as it is: the CRM may trust it. Name another directory, and change to it in the configuration and in the CRM.`)
    }
    for (const [file, text, mode] of files) {
      await writeFile(file, text, { flag: 'wx', mode })
      written.push(file)
      await chmod(file, mode) // whatever the umask is
    }
  } catch (error) {
    for (const file of written) await rm(file, { force: true })
    if (error instanceof OperationError) throw error
    throw new OperationError(`The authority could not be written to ${directory}${describeCode(error)}: check that it is a directory in which this account may write.`)
  }
  const { validToDate, fingerprint256 } = new X509Certificate(certificatePem)
  return { certificateFile: files[1][0], keyFile: files[0][0], hosts, expires: validToDate.toISOString().slice(0, 10), fingerprint: fingerprint256 }
}
