// The Grafana dashboard: one screen, from a short list of panels. Only metrics are named here; a test holds them against those that exist.

interface Panel { readonly title: string, readonly unit: string, readonly queries: ReadonlyArray<readonly [expression: string, legend: string]>, readonly kind?: 'stat' }

const quantile = (share: number, metric: string, by: string) => `histogram_quantile(${share}, sum by (le${by}) (rate(${metric}_bucket[$__rate_interval])))`

const panels: readonly Panel[] = [
  { title: 'Ready', unit: 'short', kind: 'stat', queries: [['sallyport_ready', '{{instance}}']] },
  { title: 'People signed in', unit: 'short', kind: 'stat', queries: [['max(sallyport_sessions)', '']] },
  { title: 'Certificate, days left', unit: 'd', kind: 'stat', queries: [['(min(sallyport_certificate_expires_seconds) - time()) / 86400', ''], ['(min(sallyport_shield_certificate_expires_seconds) - time()) / 86400', 'shield mailbox']] },
  { title: 'Records not in Redis yet', unit: 'short', kind: 'stat', queries: [['sum(sallyport_audit_unshipped)', '']] },
  { title: 'Requests, by class of route', unit: 'reqps', queries: [['sum by (class) (rate(sallyport_exchanges_total[$__rate_interval]))', '{{class}}']] },
  { title: 'Failed and abandoned', unit: 'reqps', queries: [['sum by (class, ending) (rate(sallyport_exchanges_total{ending!="request.completed"}[$__rate_interval]))', '{{class}} {{ending}}']] },
  { title: 'Duration, 95 % within', unit: 's', queries: [[quantile(0.95, 'sallyport_exchange_seconds', ', class'), '{{class}}']] },
  { title: 'Audit gate', unit: 's', queries: [[quantile(0.5, 'sallyport_audit_gate_seconds', ''), '50 %'], [quantile(0.99, 'sallyport_audit_gate_seconds', ''), '99 %']] },
  { title: 'Refusals, by reason', unit: 'reqps', queries: [['sum by (reason) (rate(sallyport_refusals_total[$__rate_interval]))', '{{reason}}']] },
  { title: 'Connections refused', unit: 'cps', queries: [['sum by (reason) (rate(sallyport_connections_refused_total[$__rate_interval]))', '{{reason}}']] },
  { title: 'Pages without the idle script, by what hindered it', unit: 'short', queries: [['sum by (by) (increase(sallyport_idle_script_hindered_total[$__rate_interval]))', '{{by}}']] },
  { title: 'Sessions ended, by cause', unit: 'short', queries: [['sum by (cause) (increase(sallyport_sessions_ended_total[$__rate_interval]))', '{{cause}}']] },
  { title: 'Open', unit: 'short', queries: [['sum(sallyport_exchanges_open)', 'requests'], ['sum(sallyport_connections_open)', 'connections']] },
  { title: 'Spool', unit: 'short', queries: [['sum(sallyport_audit_waiting)', 'waiting for the disk'], ['sum(sallyport_audit_unshipped)', 'not in Redis'], ['sum(sallyport_audit_checkpoints_failing)', 'checkpoint places failing'], ['sum(sallyport_audit_feeds_down)', 'feeds down']] },
  { title: 'Oldest message that waits', unit: 's', queries: [['time() - min(sallyport_outbound_oldest_seconds > 0)', 'webhook'], ['time() - min(sallyport_mail_oldest_seconds > 0)', 'mail'], ['time() - min(sallyport_shield_oldest_seconds > 0)', 'mail from outside']] },
  { title: 'Messages of the outbound door', unit: 'short', queries: [['sum by (destination, what) (increase(sallyport_messages_total[$__rate_interval]))', '{{destination}} {{what}}']] },
  { title: 'Mail from outside, what its domains say', unit: 'short', queries: [['sum by (check, result) (increase(sallyport_shield_verdicts_total[$__rate_interval]))', '{{check}} {{result}}']] },
  { title: 'Taken out of messages, by kind', unit: 'short', queries: [['sum by (kind) (increase(sallyport_redactions_total[$__rate_interval]))', '{{kind}}']] },
  { title: 'Messages that wait', unit: 'short', queries: [['sum(sallyport_outbound_waiting)', 'webhooks'], ['sum(sallyport_mail_waiting)', 'mails'], ['sum(sallyport_shield_waiting)', 'mails from outside'], ['sum(sallyport_quarantine_messages)', 'in the quarantine']] },
  {
    title: 'Agreements, days left',
    unit: 'd',
    queries: [['(min(sallyport_associate_expires_seconds > 0) - time()) / 86400', 'first to end'], ['max(sallyport_associates_expiring)', 'agreements that end soon'], ['max(sallyport_associates_expired)', 'agreements that have ended']],
  },
  { title: 'Memory', unit: 'bytes', queries: [['sallyport_memory_bytes', '{{instance}}']] },
]

const datasource = { type: 'prometheus', uid: '${datasource}' } // eslint-disable-line no-template-curly-in-string -- Grafana's variable

export function writeDashboard (): string {
  const stats = panels.filter(panel => panel.kind === 'stat')
  const place = (panel: Panel) => {
    const at = stats.indexOf(panel)
    if (at >= 0) return { h: 4, w: 6, x: at * 6, y: 0 }
    const index = panels.indexOf(panel) - stats.length
    return { h: 8, w: 12, x: index % 2 * 12, y: 4 + Math.floor(index / 2) * 8 }
  }
  return `${JSON.stringify({
    title: 'Sallyport',
    uid: 'sallyport',
    tags: ['sallyport'],
    schemaVersion: 39,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' }] },
    panels: panels.map((panel, index) => ({
      id: index + 1,
      title: panel.title,
      type: panel.kind ?? 'timeseries',
      datasource,
      gridPos: place(panel),
      fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
      options: {},
      targets: panel.queries.map(([expr, legendFormat], at) => ({ refId: String.fromCharCode(65 + at), datasource, expr, legendFormat })),
    })),
  }, undefined, 2)}\n`
}
