// Cross-site WebSocket hijacking: a foreign page opens a WebSocket and the browser sends its cookies along. The Origin decides.
import t from 'tap'
import { setUp } from '../inbound/forward/forward-app.ts'

t.test('only pages of the public address and of configured origins may open a WebSocket', async t => {
  const { app } = await setUp(t, { config: { webSocketOrigins: ['https://phone.clinic.test:8443'] } })
  for (const origin of ['https://crm.clinic.test', 'https://phone.clinic.test:8443']) t.doesNotThrow(() => { app.room.requireOrigin({ origin }) }, origin)
  const foreign = [
    undefined, '', 'null', 'https://evil.example', 'http://crm.clinic.test', 'https://crm.clinic.test:444', 'https://crm.clinic.test.evil.example', 'https://crm.clinic.test/',
    'https://crm.clinic.test@evil.example', 'https://phone.clinic.test', 'https://evil.example, https://crm.clinic.test', 'HTTPS://CRM.CLINIC.TEST', 'file://', 'https://sub.crm.clinic.test',
  ]
  for (const origin of foreign) {
    const headers = { ...(origin === undefined ? {} : { origin }), 'sec-fetch-site': 'same-origin' }
    t.throws(() => { app.room.requireOrigin(headers) }, { name: 'Denial', code: 'forward.originNotAllowed', reason: { status: 403 } }, String(origin))
  }
})
