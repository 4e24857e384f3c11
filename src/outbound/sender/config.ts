// How the CRM proves that a message comes from it.
import { Secret, Section, Type, type Static } from '../../shared/schema.ts'

const signed = <const F extends string>(form: F, whose: string, description: string) => Section({
  form: Type.Literal(form),
  secret: Secret({ description: `The secret that ${whose}.` }),
}, { description })

export const SenderConfig = Type.Union([
  Section({
    form: Type.Literal('token'),
    header: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]*$', default: 'Authorization', description: 'Header that brings the token; in Authorization it stands behind the word Bearer.' }),
    secret: Secret({ description: 'The token: at least 24 characters, the same as in the CRM.' }),
  }, { description: 'A token in a header, for a CRM that can send a header of its own.' }),
  Section({
    form: Type.Literal('certificate'),
    fingerprint: Type.String({ pattern: '^[0-9a-fA-F]{64}$', description: 'SHA-256 of the CRM\'s client certificate. Needs outbound.listener.tls.' }),
  }, { description: 'A client certificate (mutual TLS).' }),
  Section({
    form: Type.Literal('hubspot'),
    secret: Secret({ description: 'The client secret of the HubSpot app.' }),
    url: Type.String({ format: 'https-origin', description: 'The address that HubSpot calls, without path: it is a part of what HubSpot signs.' }),
  }, { description: 'The signature of HubSpot, version 3.' }),
  signed('shopify', 'Shopify shows beside its webhooks (client secret of the app)', 'The signature of Shopify.'),
  signed('stripe', 'Stripe shows for the endpoint (whsec_...)', 'The signature of Stripe.'),
  signed('standard', 'both sides have (whsec_ and base64)', 'The signature of Standard Webhooks.'),
], { description: 'How it is proven that a message comes from the CRM. Without proof nothing of it is read.' })
export type SenderConfig = Static<typeof SenderConfig>
