// Why the forward proxy refuses a connection or a request in it.
import { defineReasons } from '../../shared/errors.ts'

export const proxyReasons = defineReasons({
  'proxy.notSignedIn': { status: 407, publicText: 'The proxy needs its password: HTTPS_PROXY=http://crm:PASSWORD@host:port.', operatorText: 'Proxy-Authorization is missing, stands twice or is not the password in outbound.proxy.listener.', citation: '45 CFR 164.312(d)' },
  'proxy.plain': { status: 403, publicText: 'Plain http does not leave this house. Use https.', operatorText: 'The CRM asked for an http:// address: it would travel unencrypted. Change the address in the CRM to https://.', citation: '45 CFR 164.312(e)(1)' },
  'proxy.malformed': { status: 400, publicText: 'This request cannot be read in one way only.', operatorText: 'A request that is not HTTP, or could be read in two ways (two lengths, a bare line break, a target or a host in a spelling that is not plain).' },
  'proxy.address': { status: 403, publicText: 'The proxy takes names of hosts, not addresses.', operatorText: 'The CRM asked for an address instead of a name; no certificate could prove who is there.' },
  'proxy.blocked': { status: 403, publicText: 'This host is blocked by the gateway.', operatorText: 'The host stands in outbound.proxy.hosts with action: block.' },
  'proxy.unknownHost': { status: 403, publicText: 'This host is not known to the gateway. Ask its administrator.', operatorText: 'The host is not in outbound.proxy.hosts: sallyport egress seen lists such hosts.' },
  'proxy.port': { status: 403, publicText: 'This port is not allowed for this host. Ask the administrator of the gateway.', operatorText: 'The host is known, the port is not in its ports.' },
  'proxy.noAgreement': { status: 403, publicText: 'No agreement with this host is in force. Tell the administrator of the gateway.', operatorText: 'A tunnel needs an agreement (associates) that is in force today: it has not begun or has ended.', citation: '45 CFR 164.502(e)' },
  'proxy.agreementEnded': { status: 403, publicText: 'The agreement with this host has ended. Tell the administrator of the gateway.', operatorText: 'The agreement ended, or the configuration was changed, while a tunnel was open: it was cut.', citation: '45 CFR 164.502(e)' },
  'proxy.otherName': { status: 421, publicText: 'This connection was opened for another host.', operatorText: 'The name in the TLS handshake, or the Host of a request, is not the host that CONNECT named: one host\'s permission cannot be used for another.' },
  'proxy.notTls': { status: 400, publicText: 'Only TLS passes through the proxy.', operatorText: 'What came after CONNECT was not a TLS handshake, or did not come within fifteen seconds.' },
  'proxy.notTrusted': { status: 502, publicText: 'The encrypted connection with the proxy broke off. Let the CRM trust the gateway\'s authority.', operatorText: 'The handshake with the CRM failed: most often the CRM does not trust outbound.proxy.authority.certificate yet (docs/egress.md).' },
  'proxy.request': { status: 403, publicText: 'This request is not allowed for this host. Ask the administrator of the gateway.', operatorText: 'Method and path fit none of the host\'s requests.' },
  'proxy.segment': { status: 403, publicText: 'The address of this request holds what may not leave. Ask the administrator of the gateway.', operatorText: 'The policy would take out a part of the path (segment1, segment2 …), and a path cannot be redacted.' },
  'proxy.body': { status: 400, publicText: 'A request of this method has no body.', operatorText: 'GET or HEAD with a body: receivers read it in different ways.' },
  'proxy.upgrade': { status: 403, publicText: 'This proxy opens no WebSockets.', operatorText: 'Upgrade or CONNECT within an opened connection: what follows could not be judged.' },
  'proxy.header': { status: 400, publicText: 'A header of this request stands there twice or is too long.', operatorText: 'A header that goes on stands twice, is longer than 8 KiB or holds other than printable letters.' },
  'proxy.tooLarge': { status: 413, publicText: 'This request is larger than may be sent.', operatorText: 'The body is larger than outbound.proxy.listener.maxBodySize.' },
  'proxy.tooSlow': { status: 408, publicText: 'The request took too long to arrive.', operatorText: 'The body was not whole within thirty seconds.' },
  'proxy.brokenOff': { status: 400, publicText: 'The request ended before it was whole.', operatorText: 'The connection or the body broke off before the request was whole.' },
})
