{{/* What cannot be right together is refused before anything is installed. Each sentence says what to do. */}}
{{- define "sallyport.check" -}}
{{- $audit := .Values.config.audit -}}
{{- $session := .Values.config.session -}}
{{- $store := dig "store" "kind" "embedded" $session -}}
{{- if and (eq .Values.spool.kind "emptyDir") (ne (default "redis" $audit.durability) "redis") -}}
{{- fail (printf "spool.kind is emptyDir, which is gone with the pod, but config.audit.durability is %s: a record would be lost with it. Leave durability out (it becomes redis), or set spool.kind: pvc." $audit.durability) -}}
{{- end -}}
{{- if and (eq .Values.spool.kind "emptyDir") (not $audit.redis) -}}
{{- fail "spool.kind is emptyDir, so the trail must be in Redis, but config.audit.redis is missing: add it, or set spool.kind: pvc." -}}
{{- end -}}
{{- if and (ne $store "redis") (or .Values.autoscaling.enabled (gt (int .Values.replicas) 1)) -}}
{{- fail "There is more than one replica, but each keeps its sessions for itself: set config.session.store to { kind: redis, redis: ... }, or replicas: 1 without autoscaling." -}}
{{- end -}}
{{- if and (eq .Values.mode "sidecar") (not .Values.crm.containers) -}}
{{- fail "mode is sidecar, but crm.containers is empty: name the CRM's containers, or set mode: standalone." -}}
{{- end -}}
{{- if and (ne .Values.mode "sidecar") .Values.networkPolicy.enabled (not (compact (values .Values.crm.podSelector))) -}}
{{- fail "networkPolicy needs crm.podSelector, the labels of the CRM's pods, to close every other way to them: add it, or set networkPolicy.enabled: false and close them otherwise." -}}
{{- end -}}
{{- if and .Values.certificate.enabled (not .Values.certificate.issuer.name) -}}
{{- fail "certificate.enabled needs certificate.issuer.name, the cert-manager issuer." -}}
{{- end -}}
{{- end -}}

{{/* gateway.yaml */}}
{{- define "sallyport.config" -}}
{{- include "sallyport.check" . -}}
{{- $config := deepCopy .Values.config -}}
{{- if eq .Values.spool.kind "emptyDir" -}}
{{- $_ := set $config.audit "durability" "redis" -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "sallyport.publicHost" -}}
{{- .Values.config.gateway.publicUrl | trimPrefix "https://" | splitList ":" | first -}}
{{- end -}}
