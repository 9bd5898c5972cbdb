{{- define "gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of a Service begins with a letter (RFC 1035), that of a release may not. */}}
{{- define "gateway.fullname" -}}
{{- $release := ternary (printf "release-%s" .Release.Name) .Release.Name (regexMatch "^[0-9]" .Release.Name) }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "gateway.name" .) $release }}
{{- $release | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" $release (include "gateway.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "gateway.selectorLabels" -}}
{{- dict "app.kubernetes.io/name" (include "gateway.name" .) "app.kubernetes.io/instance" .Release.Name | toYaml }}
{{- end }}

{{/* A list of ours and theirs: of what is given twice, ours wins. Sprig's merge takes a false or a 0 for nothing. */}}
{{- define "gateway.oursWin" -}}
{{- $all := last . | default dict | deepCopy }}
{{- range $name, $value := first . }}
{{- $_ := set $all $name $value }}
{{- end }}
{{- toYaml $all }}
{{- end }}

{{/* Puts the second of two nested dicts over the first. */}}
{{- define "gateway.put" -}}
{{- $under := first . }}
{{- range $name, $value := last . }}
{{- $below := get $under $name }}
{{- if and (kindIs "map" $value) (kindIs "map" $below) }}
{{- include "gateway.put" (list $below $value) }}
{{- else }}
{{- $_ := set $under $name $value }}
{{- end }}
{{- end }}
{{- end }}

{{- define "gateway.labels" -}}
{{- $chart := printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- $ours := dict "helm.sh/chart" $chart "app.kubernetes.io/version" .Chart.AppVersion "app.kubernetes.io/managed-by" .Release.Service }}
{{- include "gateway.oursWin" (list (merge $ours (include "gateway.selectorLabels" . | fromYaml)) .Values.commonLabels) }}
{{- end }}

{{/* The same with further labels: a list of the context and these. */}}
{{- define "gateway.moreLabels" -}}
{{- include "gateway.oursWin" (list (include "gateway.labels" (first .) | fromYaml) (last .)) }}
{{- end }}

{{/* An image with the registry of all charts before it: a list of the context and the image. */}}
{{- define "gateway.image" -}}
{{- $registry := ((first .).Values.global | default dict).imageRegistry }}
{{- ternary (printf "%s/%s" (trimSuffix "/" (toString $registry)) (last .)) (last .) (not (empty $registry)) }}
{{- end }}

{{- define "gateway.imagePullSecrets" -}}
{{- $secrets := list }}
{{- range concat ((.Values.global | default dict).imagePullSecrets | default list) .Values.imagePullSecrets }}
{{- if kindIs "string" . }}
{{- $secrets = append $secrets (dict "name" .) }}
{{- else }}
{{- $secrets = append $secrets . }}
{{- end }}
{{- end }}
{{- uniq $secrets | toJson }}
{{- end }}

{{/* What makes the pod run under "restricted" cannot be taken away. */}}
{{- define "gateway.podSecurityContext" -}}
{{- $context := deepCopy .Values.podSecurityContext }}
{{- if not (hasKey $context "fsGroup") }}
{{- $context = omit $context "fsGroupChangePolicy" }}
{{- end }}
{{- include "gateway.oursWin" (list (dict "runAsNonRoot" true "seccompProfile" (dict "type" "RuntimeDefault")) $context) }}
{{- end }}

{{- define "gateway.securityContext" -}}
{{- $ours := dict "allowPrivilegeEscalation" false "capabilities" (dict "drop" (list "ALL")) "privileged" false "readOnlyRootFilesystem" true }}
{{- include "gateway.oursWin" (list $ours .Values.securityContext) }}
{{- end }}

{{/* 0440 for the group of the volumes; without such a group, 0444. */}}
{{- define "gateway.secretMode" -}}
{{- ternary 288 292 (hasKey .Values.podSecurityContext "fsGroup") }}
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
{{- $authority := regexFind "^https?://[^/?#]+" . }}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $authority) | default (ternary "80" "443" (hasPrefix "http:" .)) }}
{{- if gt (int $port) 65535 }}
{{- fail (printf "The port %s of %s is above 65535." $port .) }}
{{- end }}
{{- $port }}
{{- end }}

{{/* Puts each setting of a nested value into a dict, by its name as Spring Boot compares them. */}}
{{- define "gateway.flatten" -}}
{{- $into := .into }}
{{- $prefix := .prefix }}
{{- if kindIs "map" .value }}
{{- range $name, $value := .value }}
{{- $plain := $name | lower | replace "-" "" | replace "_" "" }}
{{- include "gateway.flatten" (dict "into" $into "prefix" (printf "%s.%s" $prefix $plain) "value" $value) }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $index, $value := .value }}
{{- include "gateway.flatten" (dict "into" $into "prefix" (printf "%s[%d]" $prefix $index) "value" $value) }}
{{- end }}
{{- else }}
{{- $_ := set $into $prefix (toString .value) }}
{{- end }}
{{- end }}

{{/* Addresses of the provider that `config` and `extraEnv` set. */}}
{{- define "gateway.furtherBaseUrls" -}}
{{- $urls := list }}
{{- $settings := dict }}
{{- include "gateway.flatten" (dict "into" $settings "prefix" "" "value" .Values.config) }}
{{- range $name, $value := $settings }}
{{- if regexMatch "^\\.gateway\\.upstream(\\.accounts\\[[0-9]+\\])?\\.baseurl$" $name }}
{{- $urls = append $urls $value }}
{{- end }}
{{- end }}
{{- range .Values.extraEnv }}
{{- if regexMatch "^(UPSTREAM_BASE_URL|GATEWAY_UPSTREAM_(ACCOUNTS_[0-9]+_)?BASE_?URL)$" .name }}
{{- $urls = append $urls (.value | default "https:") }}
{{- end }}
{{- end }}
{{- $urls | toJson }}
{{- end }}

{{/* The ports of all providers, as rules have them. */}}
{{- define "gateway.upstreamPorts" -}}
{{- $urls := list }}
{{- range .Values.upstream.accounts | default (list (dict)) }}
{{- $urls = append $urls (.baseUrl | default $.Values.upstream.baseUrl) }}
{{- end }}
{{- $ports := list }}
{{- range concat (compact $urls) (include "gateway.furtherBaseUrls" . | fromJsonArray) }}
{{- $ports = append $ports (include "gateway.port" .) }}
{{- end }}
{{- range uniq $ports }}
- port: {{ . }}
  protocol: TCP
{{- end }}
{{- end }}

{{/* Refuses what the pods, or the API server, would refuse later. */}}
{{- define "gateway.check" -}}
{{- $further := include "gateway.furtherBaseUrls" . | fromJsonArray }}
{{- $names := list }}
{{- range .Values.upstream.accounts }}
{{- if has .name $names }}
{{- fail (printf "Two accounts are called %s: give each its own name in upstream.accounts." .name) }}
{{- end }}
{{- $names = append $names .name }}
{{- if not (or .baseUrl $.Values.upstream.baseUrl $further) }}
{{- fail (printf "Set the provider's address of account %s: its baseUrl, or upstream.baseUrl for all." .name) }}
{{- end }}
{{- end }}
{{- if not (or .Values.upstream.baseUrl .Values.upstream.accounts $further) }}
{{- fail "Set upstream.baseUrl, the provider's address: https://api.example.com." }}
{{- end }}
{{- if .Values.autoscaling.enabled }}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) }}
{{- fail "autoscaling.minReplicas is above autoscaling.maxReplicas." }}
{{- end }}
{{- if not ((.Values.resources).requests).cpu }}
{{- fail "autoscaling.enabled needs resources.requests.cpu: the autoscaler compares with it." }}
{{- end }}
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
{{- include "gateway.put" (list $config (deepCopy .Values.config)) }}
{{- toYaml $config }}
{{- end }}

{{/* The pod without what the value podSpec adds. */}}
{{- define "gateway.podSpec" -}}
serviceAccountName: {{ include "gateway.serviceAccountName" . | quote }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with include "gateway.imagePullSecrets" . | fromJsonArray }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
# preStop, the drain, and a margin for the JVM to end.
terminationGracePeriodSeconds: {{ add .Values.shutdown.preStopSeconds .Values.shutdown.drainSeconds 10 }}
securityContext:
  {{- include "gateway.podSecurityContext" . | nindent 2 }}
containers:
  - name: gateway
    image: {{ printf "%s%s" (include "gateway.image" (list . .Values.image.repository)) (ternary (printf "@%s" .Values.image.digest) (printf ":%s" (.Values.image.tag | default .Chart.AppVersion)) (not (empty .Values.image.digest))) | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    securityContext:
      {{- include "gateway.securityContext" . | nindent 6 }}
    # Lists with what the API server adds to them: else tools see a difference.
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
    {{- if or .Values.jvmOptions .Values.extraEnv }}
    env:
      {{- with .Values.jvmOptions }}
      - name: JDK_JAVA_OPTIONS
        value: {{ . | quote }}
      {{- end }}
      {{- with .Values.extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- end }}
    ports:
      - name: http
        containerPort: 8080
        protocol: TCP
      - name: management
        containerPort: 8081
        protocol: TCP
    # Whether the provider answers decides none of these.
    startupProbe:
      httpGet:
        path: /actuator/health/liveness
        port: management
        scheme: HTTP
      periodSeconds: 1
      timeoutSeconds: 2
      successThreshold: 1
      failureThreshold: 120
    livenessProbe:
      httpGet:
        path: /actuator/health/liveness
        port: management
        scheme: HTTP
      periodSeconds: 10
      timeoutSeconds: 5
      successThreshold: 1
      failureThreshold: 6
    readinessProbe:
      httpGet:
        path: /actuator/health/readiness
        port: management
        scheme: HTTP
      periodSeconds: 5
      timeoutSeconds: 2
      successThreshold: 1
      failureThreshold: 2
    lifecycle:
      preStop:
        sleep:
          seconds: {{ .Values.shutdown.preStopSeconds }}
    {{- with .Values.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - name: config
        mountPath: /app/config
        readOnly: true
      {{- range include "gateway.keys" . | fromJsonArray }}
      - name: {{ .volume | quote }}
        mountPath: {{ printf "/run/secrets/%s" .volume | quote }}
        readOnly: true
      {{- end }}
      {{- if .Values.upstream.tls.existingSecret }}
      - name: upstream-tls
        mountPath: /run/secrets/upstream-tls
        readOnly: true
      {{- end }}
      {{- if .Values.access.jwt.tls.existingSecret }}
      - name: issuer-tls
        mountPath: /run/secrets/issuer-tls
        readOnly: true
      {{- end }}
      {{- if include "gateway.secretSettings" . | fromJsonArray }}
      - name: settings
        mountPath: /run/secrets/settings
        readOnly: true
      {{- end }}
      {{- if include "gateway.clientsSecret" . }}
      - name: clients
        mountPath: /run/secrets/clients
        readOnly: true
      {{- end }}
      - name: tmp
        mountPath: /tmp
      {{- with .Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  {{- with .Values.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  - name: config
    configMap:
      name: {{ include "gateway.fullname" . | quote }}
      defaultMode: 420
  {{- range include "gateway.keys" . | fromJsonArray }}
  - name: {{ .volume | quote }}
    secret:
      secretName: {{ .secret | quote }}
      defaultMode: {{ include "gateway.secretMode" $ }}
      items:
        - key: {{ .key | quote }}
          path: api-key
  {{- end }}
  {{- with .Values.upstream.tls.existingSecret }}
  - name: upstream-tls
    secret:
      secretName: {{ . | quote }}
      defaultMode: {{ include "gateway.secretMode" $ }}
  {{- end }}
  {{- with .Values.access.jwt.tls.existingSecret }}
  - name: issuer-tls
    secret:
      secretName: {{ . | quote }}
      defaultMode: {{ include "gateway.secretMode" $ }}
  {{- end }}
  {{- with include "gateway.secretSettings" . | fromJsonArray }}
  - name: settings
    projected:
      defaultMode: {{ include "gateway.secretMode" $ }}
      sources:
        {{- range . }}
        - secret:
            name: {{ .secret | quote }}
            items:
              - key: {{ .key | quote }}
                path: {{ .property | quote }}
        {{- end }}
  {{- end }}
  {{- with include "gateway.clientsSecret" . }}
  - name: clients
    secret:
      secretName: {{ . | quote }}
      defaultMode: {{ include "gateway.secretMode" $ }}
      items:
        - key: {{ $.Values.clients.secretKey | quote }}
          path: clients.yaml
  {{- end }}
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
topologySpreadConstraints:
  {{- if .Values.topologySpreadConstraints }}
  {{- toYaml .Values.topologySpreadConstraints | nindent 2 }}
  {{- else }}
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "gateway.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
  {{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
