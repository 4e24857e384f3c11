// The schema of the chart's values: what the chart itself takes, around the gateway's own schema for `config`. One source for `helm lint` and editors.
import { createSchemaDocument } from '../../src/config/config.ts'
import { Section, Type } from '../../src/shared/schema.ts'

/** Parts of Kubernetes' own API, which the API server checks. */
const Anything = (description: string) => Type.Unsafe<Record<string, unknown>>({ type: 'object', description })
const ListOfAnything = (description: string) => Type.Array(Type.Unsafe<Record<string, unknown>>({ type: 'object' }), { description })
const Text = (description: string) => Type.String({ description })
const Name = (description: string) => Type.String({ description, pattern: '^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$' })
const Switch = (description: string) => Type.Boolean({ description })
const Count = (description: string) => Type.Integer({ description, minimum: 0 })
const Choice = (words: readonly string[], description: string) => Type.Unsafe<string>({ type: 'string', enum: words, description })
const Port = Type.Integer({ minimum: 1, maximum: 65_535 })

const File = Type.Unsafe<{ name: string }>({
  anyOf: ['secret', 'configMap'].map(kind => ({
    type: 'object', properties: { name: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$' }, [kind]: { type: 'string', minLength: 1 } }, required: ['name', kind], additionalProperties: false,
  })),
})

const ChartValues = Section({
  mode: Choice(['standalone', 'sidecar', 'library'], 'In front of a CRM\'s pods, beside its containers, or for a parent chart to include.'),
  nameOverride: Text('In place of sallyport in names.'),
  fullnameOverride: Text('In place of release and name.'),
  image: Section({
    repository: Type.String({ minLength: 1 }), tag: Text('Default: appVersion.'), digest: Type.String({ pattern: '^(sha256:[0-9a-f]{64})?$' }), pullPolicy: Choice(['Always', 'IfNotPresent', 'Never'], 'When it is fetched.'),
  }, { description: 'The image.' }),
  imagePullSecrets: ListOfAnything('References to pull secrets.'),
  replicas: Count('Pods without autoscaling.'),
  config: Type.Unsafe<object>({}),
  secrets: Section({
    keys: Name('Secret with session.secret and audit.key.'),
    tls: Name('Secret with tls.crt and tls.key.'),
    env: Type.Array(Section({ name: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), secret: Name('The Secret.'), key: Type.String({ minLength: 1 }) }, { description: 'One value.' }), { description: 'Values for { env: NAME }.' }),
    files: Type.Array(File, { description: 'Mounted at /etc/sallyport/files/<name>.' }),
  }, { description: 'References to Secrets; none is made here.' }),
  spool: Section({
    kind: Choice(['pvc', 'emptyDir'], 'emptyDir forces durability redis.'), size: Type.String({ pattern: '^[0-9]+(Mi|Gi|Ti)$' }), storageClassName: Text('Default: the cluster\'s.'), accessMode: Choice(['ReadWriteOnce', 'ReadWriteOncePod'], 'Of the claim.'),
  }, { description: 'Where the spool lies.' }),
  crm: Section({ containers: ListOfAnything('Containers of the CRM.'), volumes: ListOfAnything('Their volumes.'), podSelector: Anything('Labels of the CRM\'s pods.'), port: Port }, { description: 'The CRM.' }),
  service: Section({
    type: Choice(['ClusterIP', 'NodePort', 'LoadBalancer'], 'Type of the Service.'), port: Port, annotations: Anything('For the load balancer.'), externalTrafficPolicy: Choice(['Local', 'Cluster'], 'Local keeps the client\'s address.'),
  }, { description: 'Where people come in.' }),
  networkPolicy: Section({
    enabled: Switch('Closes every other way.'), publicFrom: ListOfAnything('Peers.'), monitoringFrom: ListOfAnything('Peers.'), egress: ListOfAnything('Rules.'), crmEgress: ListOfAnything('Rules.'),
  }, { description: 'NetworkPolicy.' }),
  certificate: Section({
    enabled: Switch('cert-manager makes it.'), issuer: Section({ name: Text('The issuer.'), kind: Choice(['Issuer', 'ClusterIssuer'], 'Its kind.') }, { description: 'Who signs.' }), extraNames: Type.Array(Type.String()),
  }, { description: 'Certificate of the public listener.' }),
  podDisruptionBudget: Section({ enabled: Switch('Make one.'), maxUnavailable: Count('Pods.') }, { description: 'PodDisruptionBudget.' }),
  autoscaling: Section({ enabled: Switch('Make one.'), minReplicas: Count('Pods.'), maxReplicas: Count('Pods.'), targetCpuPercent: Count('Of the request.') }, { description: 'HorizontalPodAutoscaler.' }),
  monitoring: Section({
    serviceMonitor: Switch('Make one.'), rules: Switch('Make them.'), dashboard: Switch('Make it.'), interval: Type.String({ pattern: '^[0-9]+(s|m)$' }), labels: Anything('For your Prometheus.'),
  }, { description: 'Metrics.' }),
  preStopSeconds: Count('Before SIGTERM.'),
  terminationGracePeriodSeconds: Count('Until SIGKILL.'),
  resources: Anything('Requests and limits.'),
  serviceAccount: Section({ annotations: Anything('For the cloud\'s identities.') }, { description: 'ServiceAccount.' }),
  podAnnotations: Anything('Further ones.'),
  podLabels: Anything('Further ones.'),
  nodeSelector: Anything('Where pods go.'),
  tolerations: ListOfAnything('Where pods go.'),
  affinity: Anything('Where pods go.'),
  global: Type.Optional(Anything('Of a parent chart.')),
}, { description: 'Values of the Sallyport chart.' })

/** Helm's expressions (RE2) look neither ahead nor behind; what such a pattern refuses, the gateway refuses at its start. */
function withoutLooking (node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutLooking)
  if (typeof node !== 'object' || node === null) return node
  const kept = Object.entries(node).filter(([key, value]) => key !== 'pattern' || typeof value !== 'string' || !/\(\?<?[=!]/.test(value))
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutLooking(value)]))
}

export function writeChartSchema (): string {
  const { $schema, title: _title, ...config } = createSchemaDocument()
  const schema = JSON.parse(JSON.stringify(ChartValues)) as { properties: Record<string, unknown> }
  return `${JSON.stringify({ $schema, title: 'Sallyport chart', ...schema, properties: { ...schema.properties, config: withoutLooking(config) } }, undefined, 2)}\n`
}
