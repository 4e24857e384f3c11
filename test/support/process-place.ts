// What a gateway in a process of its own needs around it: a CRM, an IdP, certificates, keys and a configuration file in a directory that goes with the test.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startCrm, type Crm } from '../../scripts/demo/crm/crm.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { createBrowser, type Browser } from './browser.ts'
import { createTestAuthority, type TestAuthority } from './certificates.ts'
import { freePort, nurse, writeConfig, type JourneyOptions } from './journey.ts'
import { startJourneyIdp, type JourneyIdp } from './journey-idp.ts'

export interface ProcessPlace {
  readonly directory: string
  readonly authority: TestAuthority
  readonly port: number
  readonly url: string
  readonly crm: Crm
  readonly idp: JourneyIdp
  readonly configFile: string
  readonly browser: Browser
  /** What a request of the signed-in browser is made with. */
  wire(): { readonly host: string, readonly port: number, readonly servername: string, readonly ca: string, readonly headers: { readonly host: string, readonly cookie: string } }
}

/** `beside`: another gateway of the same name, address, keys, CRM and IdP, on a port and with a directory of its own. */
export async function createProcessPlace (t: Test, options: Pick<JourneyOptions, 'configure'> & { readonly beside?: ProcessPlace } = {}): Promise<ProcessPlace> {
  const { beside } = options
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-process-'))
  const authority = beside?.authority ?? await createTestAuthority()
  const port = await freePort()
  const url = beside?.url ?? `https://crm.clinic.test:${port}`
  const crm = beside?.crm ?? await startCrm()
  const idp = beside?.idp ?? await startJourneyIdp({ clock: createSystemClock(), spEntityId: `${url}/_sallyport/saml/metadata`, person: nurse })
  t.teardown(async () => {
    if (beside === undefined) { await crm.close(); await idp.close() }
    rmSync(directory, { recursive: true, force: true })
  })
  const configFile = await writeConfig({ directory, port, publicUrl: url, crm, idp, authority, configure: options.configure, secretsFrom: beside?.directory })
  const browser = createBrowser({ ca: authority.caPem, port })
  return {
    directory,
    authority,
    port,
    url,
    crm,
    idp,
    configFile,
    browser,
    wire: () => ({ host: '127.0.0.1', port, servername: 'crm.clinic.test', ca: authority.caPem, headers: { host: new URL(url).host, cookie: browser.cookies('crm.clinic.test') } }),
  }
}
