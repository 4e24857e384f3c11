{{- define "sallyport.name" -}}
{{- default "sallyport" .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "sallyport.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "sallyport.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "sallyport.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sallyport.selector" -}}
app.kubernetes.io/name: {{ include "sallyport.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sallyport.labels" -}}
{{ include "sallyport.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{/* The pods that have the gateway: ours, or in library mode the parent chart's. */}}
{{- define "sallyport.podSelector" -}}
{{- if eq .Values.mode "library" -}}
{{- toYaml .Values.crm.podSelector -}}
{{- else -}}
{{- include "sallyport.selector" . -}}
{{- end -}}
{{- end -}}

{{/* Where the CRM hands its messages in: name and port of each listener of the outbound door that is not on loopback, as JSON. Which there are, and their ports, the schema says (files/ports.json, generated). */}}
{{- define "sallyport.outboundPorts" -}}
{{- $ports := list -}}
{{- range (.Files.Get "files/ports.json" | fromJsonArray) -}}
{{- $here := $.Values.config -}}
{{- range .section }}{{ $here = ternary (get $here .) "" (hasKey $here .) | default dict }}{{ end -}}
{{- if and $here (or (not .needs) (get $here (default "" .needs))) -}}
{{- $listener := get $here "listener" | default dict -}}
{{- $port := get $listener "port" | default .port | int -}}
{{- if not (regexMatch "^(127\\.|::1$|localhost$)" (get $listener "host" | default "127.0.0.1")) }}{{ $ports = append $ports (dict "name" .name "port" $port) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- toJson $ports -}}
{{- end -}}
