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

{{- define "gateway.port" -}}
{{- $url := urlParse . }}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "80" "443" (eq $url.scheme "http")) }}
{{- end }}

{{/* The ports of all providers, as rules have them. */}}
{{- define "gateway.upstreamPorts" -}}
{{- $ports := list }}
{{- range .Values.upstream.accounts }}
{{- $ports = append $ports (include "gateway.port" (.baseUrl | default $.Values.upstream.baseUrl)) }}
{{- end }}
{{- range $ports | default (list (include "gateway.port" .Values.upstream.baseUrl)) | uniq }}
- port: {{ . }}
  protocol: TCP
{{- end }}
{{- end }}

{{/* The ports of the issuer, the collector and the proxy, as far as there are any. */}}
{{- define "gateway.servicePorts" -}}
{{- $ports := list }}
{{- if eq .Values.access.mode "jwt" }}
{{- range compact (list .Values.access.jwt.issuerUri .Values.access.jwt.jwkSetUri) }}
{{- $ports = append $ports (include "gateway.port" . | int) }}
{{- end }}
{{- end }}
{{- with .Values.tracing.endpoint }}
{{- $ports = append $ports (include "gateway.port" . | int) }}
{{- end }}
{{- if .Values.upstream.proxy.existingSecret }}
{{- $ports = append $ports (int .Values.upstream.proxy.port) }}
{{- end }}
{{- if and (eq .Values.access.mode "jwt") .Values.access.jwt.proxy.existingSecret }}
{{- $ports = append $ports (int .Values.access.jwt.proxy.port) }}
{{- end }}
{{- $ports | uniq | toJson }}
{{- end }}

{{/* Where the pod's accounts have their keys; without several, the one that is called upstream. */}}
{{- define "gateway.keys" -}}
{{- $keys := list }}
{{- range .Values.upstream.accounts }}
{{- $keys = append $keys (dict "volume" (printf "account-%s" .name) "secret" (.existingSecret | default (printf "%s-account-%s" $.Release.Name .name)) "key" (.secretKey | default "api-key")) }}
{{- end }}
{{- $keys | default (list (dict "volume" "upstream" "secret" (include "gateway.upstreamSecret" .) "key" .Values.upstream.secretKey)) | toJson }}
{{- end }}

{{/* Secrets that are read as settings: file by file, each named as its property. */}}
{{- define "gateway.secretSettings" -}}
{{- $files := list }}
{{- with .Values.upstream.proxy }}{{- if .existingSecret }}
{{- $files = append $files (dict "secret" .existingSecret "key" .secretKey "property" "gateway.upstream.proxy") }}
{{- end }}{{- end }}
{{- with .Values.access.jwt.proxy }}{{- if .existingSecret }}
{{- $files = append $files (dict "secret" .existingSecret "key" .secretKey "property" "gateway.access.jwt.proxy") }}
{{- end }}{{- end }}
{{- if and .Values.cache.redis.enabled .Values.redis.existingSecret }}
{{- $files = append $files (dict "secret" .Values.redis.existingSecret "key" .Values.redis.secretKey "property" "spring.data.redis.password") }}
{{- end }}
{{- $files | toJson }}
{{- end }}

{{/* What is not set is left to the application. */}}
{{- define "gateway.prune" -}}
{{- range $name, $value := . }}
{{- if kindIs "map" $value }}
{{- include "gateway.prune" $value }}
{{- else if or (kindIs "invalid" $value) (and (kindIs "string" $value) (eq "" $value)) }}
{{- $_ := unset $ $name }}
{{- end }}
{{- end }}
{{- end }}

{{/* The application's settings: what the values set, with `config` over it. */}}
{{- define "gateway.config" -}}
{{- $upstream := omit .Values.upstream "existingSecret" "secretKey" "proxy" "tls" "accounts" }}
{{- if .Values.upstream.accounts }}
{{- $accounts := list }}
{{- range .Values.upstream.accounts }}
{{- $account := merge (dict "apiKeyFile" (printf "/run/secrets/account-%s/api-key" .name)) (omit . "existingSecret" "secretKey" "tls") }}
{{- if and $.Values.upstream.tls.existingSecret (ne false .tls) }}
{{- $_ := set $account "sslBundle" "upstream" }}
{{- end }}
{{- $accounts = append $accounts $account }}
{{- end }}
{{- $_ := set $upstream "accounts" $accounts }}
{{- else }}
{{- $_ := set $upstream "apiKeyFile" "/run/secrets/upstream/api-key" }}
{{- end }}
{{- $access := deepCopy .Values.access }}
{{- $_ := set $access "jwt" (omit $access.jwt "tls" "proxy") }}
{{- if .Values.access.jwt.tls.existingSecret }}
{{- $_ := set $access.jwt "sslBundle" "issuer" }}
{{- end }}
{{- if include "gateway.clientsSecret" . }}
{{- $_ := set $access "clientsFile" "/run/secrets/clients/clients.yaml" }}
{{- end }}
{{- /* preStop waits already */}}
{{- $gateway := dict "server" (dict "drainDelay" "0s") "upstream" $upstream "access" $access "cache" .Values.cache "wait" .Values.wait "page" .Values.page "accessLog" .Values.accessLog }}
{{- $spring := dict "lifecycle" (dict "timeoutPerShutdownPhase" (printf "%ds" (int .Values.shutdown.drainSeconds))) }}
{{- if .Values.cache.redis.enabled }}
{{- $_ := set $spring "data" (dict "redis" (dict "host" .Values.redis.host "port" .Values.redis.port "username" .Values.redis.username "ssl" (dict "enabled" .Values.redis.tls))) }}
{{- end }}
{{- $bundles := dict }}
{{- if .Values.access.jwt.tls.existingSecret }}
{{- $_ := set $bundles "issuer" (dict "reloadOnUpdate" true "truststore" (dict "certificate" "/run/secrets/issuer-tls/ca.crt")) }}
{{- end }}
{{- with .Values.upstream.tls }}{{- if .existingSecret }}
{{- if not $.Values.upstream.accounts }}
{{- $_ := set $upstream "sslBundle" "upstream" }}
{{- end }}
{{- $bundle := dict "reloadOnUpdate" true }}
{{- if .privateCa }}
{{- $_ := set $bundle "truststore" (dict "certificate" "/run/secrets/upstream-tls/ca.crt") }}
{{- end }}
{{- if .clientCertificate }}
{{- $_ := set $bundle "keystore" (dict "certificate" "/run/secrets/upstream-tls/tls.crt" "privateKey" "/run/secrets/upstream-tls/tls.key") }}
{{- end }}
{{- $_ := set $bundles "upstream" $bundle }}
{{- end }}{{- end }}
{{- if $bundles }}
{{- $_ := set $spring "ssl" (dict "bundle" (dict "pem" $bundles)) }}
{{- end }}
{{- if include "gateway.secretSettings" . | fromJsonArray }}
{{- $_ := set $spring "config" (dict "import" "configtree:/run/secrets/settings/") }}
{{- end }}
{{- $config := dict "gateway" $gateway "spring" $spring }}
{{- if .Values.logging.format }}
{{- $_ := set $config "logging" (dict "structured" (dict "format" (dict "console" .Values.logging.format))) }}
{{- end }}
{{- if .Values.tracing.endpoint }}
{{- $_ := set $config "management" (dict "opentelemetry" (dict "tracing" (dict "export" (dict "otlp" (dict "endpoint" .Values.tracing.endpoint)))) "tracing" (dict "sampling" (dict "probability" .Values.tracing.samplingProbability))) }}
{{- end }}
{{- $config = deepCopy $config }}
{{- $_ := include "gateway.prune" $config }}
{{- mergeOverwrite $config (deepCopy .Values.config) | toYaml }}
{{- end }}
