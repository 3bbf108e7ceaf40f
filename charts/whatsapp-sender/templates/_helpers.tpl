{{- define "whatsapp-sender.senderName" -}}
{{- .Values.senderName | default .Release.Name -}}
{{- end }}

{{- define "whatsapp-sender.operatorName" -}}
{{- printf "%s-operator" (.Release.Name | trunc 54 | trimSuffix "-") -}}
{{- end }}

{{/* What selects the operator: it never changes. */}}
{{- define "whatsapp-sender.operatorSelector" -}}
app.kubernetes.io/name: whatsapp-sender
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "whatsapp-sender.labels" -}}
app.kubernetes.io/name: whatsapp-sender
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: whatsapp-sender
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "whatsapp-sender.operatorLabels" -}}
{{ include "whatsapp-sender.labels" . }}
app.kubernetes.io/component: operator
{{- end }}

{{/* As the operator names it: a registry of one's own goes in front of what names none. */}}
{{- define "whatsapp-sender.apiImage" -}}
{{- $image := dig "api" "image" (printf "whatsapp-sender-api:%s" .Chart.AppVersion) .Values.sender }}
{{- $registry := dig "images" "registry" "" .Values.sender }}
{{- $first := splitList "/" $image | first }}
{{- $namesRegistry := and (contains "/" $image) (or (regexMatch "[.:]" $first) (eq $first "localhost")) }}
{{- if or $namesRegistry (not $registry) }}{{ $image }}{{ else }}{{ $registry }}/{{ $image }}{{ end }}
{{- end }}

{{/* What every pod of this chart may do: nothing that Pod Security "restricted" forbids. */}}
{{- define "whatsapp-sender.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "whatsapp-sender.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Whether an instance asks for something to be done before it may go; only the operator can do it. */}}
{{- define "whatsapp-sender.leavesSomething" -}}
{{- range .Values.instances }}
{{- if has (dig "spec" "deletionPolicy" "Retain" .) (list "Logout" "Delete") }}yes{{ end }}
{{- end }}
{{- end }}
