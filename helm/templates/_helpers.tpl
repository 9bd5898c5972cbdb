{{- define "gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "gateway.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "gateway.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "gateway.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "gateway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "gateway.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "gateway.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "gateway.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "gateway.upstreamSecret" -}}
{{- .Values.upstream.existingSecret | default (printf "%s-upstream" .Release.Name) }}
{{- end }}

{{/* Empty where no clients file is mounted. */}}
{{- define "gateway.clientsSecret" -}}
{{- .Values.clients.existingSecret | default (ternary (printf "%s-clients" .Release.Name) "" (eq .Values.access.mode "api-key")) }}
{{- end }}

{{- define "gateway.upstreamPort" -}}
{{- $url := urlParse .Values.upstream.baseUrl }}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "80" "443" (eq $url.scheme "http")) }}
{{- end }}

{{/* The application's settings: what the values set, with `config` over it. */}}
{{- define "gateway.config" -}}
{{- $upstream := omit .Values.upstream "existingSecret" "secretKey" }}
{{- $_ := set $upstream "apiKeyFile" "/run/secrets/upstream/api-key" }}
{{- $access := deepCopy .Values.access }}
{{- if include "gateway.clientsSecret" . }}
{{- $_ := set $access "clientsFile" "/run/secrets/clients/clients.yaml" }}
{{- end }}
{{- $gateway := dict "upstream" $upstream "access" $access "cache" .Values.cache "wait" .Values.wait "page" .Values.page "accessLog" .Values.accessLog }}
{{- $spring := dict "lifecycle" (dict "timeoutPerShutdownPhase" (printf "%ds" (int .Values.shutdown.drainSeconds))) }}
{{- $config := dict "gateway" $gateway "spring" $spring }}
{{- if .Values.logging.format }}
{{- $_ := set $config "logging" (dict "structured" (dict "format" (dict "console" .Values.logging.format))) }}
{{- end }}
{{- if .Values.tracing.endpoint }}
{{- $_ := set $config "management" (dict "opentelemetry" (dict "tracing" (dict "export" (dict "otlp" (dict "endpoint" .Values.tracing.endpoint)))) "tracing" (dict "sampling" (dict "probability" .Values.tracing.samplingProbability))) }}
{{- end }}
{{- /* What is not set is left to the application. */}}
{{- regexReplaceAll "(?m)^ *\\w+: (null|\"\")\\n?" (mergeOverwrite $config (deepCopy .Values.config) | toYaml) "" }}
{{- end }}
