// Why an address may not come in.
import { defineReasons } from '../../shared/errors.ts'

export const clientIpReasons = defineReasons({
  'clientIp.notAllowed': {
    status: 403,
    publicText: 'Your network may not use this service; connect from your workplace or ask your administrator.',
    operatorText: 'The client\'s address is in no range of clientIp.allow. The trail has the address.',
    citation: '45 CFR 164.312(a)(1)',
  },
  'clientIp.unreadable': {
    status: 403,
    publicText: 'Your network could not be recognised; ask your administrator to check the load balancer.',
    operatorText: 'X-Forwarded-For from a trusted proxy has an element that is not one plain address (a port, a name, a zone, leading zeros), or the connection\'s own address is unknown.',
    citation: '45 CFR 164.312(a)(1)',
  },
  'clientIp.restricted': {
    status: 403,
    publicText: 'You may not do this from your present network; connect from your workplace or ask your administrator.',
    operatorText: 'An entry of clientIp.restrict about this person, group or route does not allow the address.',
    citation: '45 CFR 164.312(a)(1)',
  },
  'clientIp.proxyHeader': {
    status: 400,
    publicText: 'The connection was not understood; ask your administrator to check the load balancer.',
    operatorText: 'A peer in clientIp.proxyProtocolFrom did not begin with a valid PROXY protocol v2 header (v1 is refused), or did not finish it in time.',
    citation: 'PROXY protocol specification section 2.2',
  },
})
