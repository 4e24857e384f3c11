{{/* The gateway's container. A parent chart includes it with the context of this chart: include "sallyport.container" .Subcharts.sallyport */}}
{{- define "sallyport.container" -}}
name: sallyport
image: {{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ default .Chart.AppVersion .Values.image.tag }}{{ end }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args: [serve, --config, /etc/sallyport/config/gateway.yaml]
{{- with .Values.secrets.env }}
env:
{{- range . }}
  - name: {{ .name }}
    valueFrom:
      secretKeyRef: { name: {{ .secret }}, key: {{ .key | quote }} }
{{- end }}
{{- end }}
ports:
  - { name: public, containerPort: {{ .Values.config.listeners.public.port }}, protocol: TCP }
  - { name: health, containerPort: {{ .Values.config.listeners.health.port }}, protocol: TCP }
  {{- if eq .Values.mode "standalone" }}
  {{- range (include "sallyport.outboundPorts" . | fromJsonArray) }}
  - { name: {{ .name }}, containerPort: {{ .port }}, protocol: TCP }
  {{- end }}
  {{- end }}
startupProbe:
  httpGet: { path: /live, port: health }
  periodSeconds: 2
  failureThreshold: 30
livenessProbe:
  httpGet: { path: /live, port: health }
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 3
readinessProbe:
  httpGet: { path: /ready, port: health }
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
lifecycle:
  preStop:
    sleep: { seconds: {{ .Values.preStopSeconds }} }
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities: { drop: [ALL] }
  seccompProfile: { type: RuntimeDefault }
resources:
  {{- toYaml .Values.resources | nindent 2 }}
volumeMounts:
  - { name: sallyport-config, mountPath: /etc/sallyport/config, readOnly: true }
  - { name: sallyport-keys, mountPath: /etc/sallyport/keys, readOnly: true }
  - { name: sallyport-tls, mountPath: /etc/sallyport/tls, readOnly: true }
  {{- range .Values.secrets.files }}
  - { name: sallyport-file-{{ .name }}, mountPath: /etc/sallyport/files/{{ .name }}, readOnly: true }
  {{- end }}
  - { name: sallyport-data, mountPath: /var/lib/sallyport }
{{- end -}}

{{/* 288 is 0440: the account reads by its group. */}}
{{/* Its volumes but for a claimed spool, which the workload brings: sallyport-data. */}}
{{- define "sallyport.volumes" -}}
- name: sallyport-config
  configMap: { name: {{ include "sallyport.fullname" . }}-config }
- name: sallyport-keys
  secret: { secretName: {{ .Values.secrets.keys }}, defaultMode: 288 }
- name: sallyport-tls
  secret: { secretName: {{ .Values.secrets.tls }}, defaultMode: 288 }
{{- range .Values.secrets.files }}
- name: sallyport-file-{{ .name }}
  {{- if .secret }}
  secret: { secretName: {{ .secret }}, defaultMode: 288 }
  {{- else }}
  configMap: { name: {{ .configMap }} }
  {{- end }}
{{- end }}
{{- if eq .Values.spool.kind "emptyDir" }}
- name: sallyport-data
  emptyDir: { sizeLimit: {{ .Values.spool.size }} }
{{- end }}
{{- end -}}
