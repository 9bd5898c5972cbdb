package io.github.videoquery.edge;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The access log.
 *
 * @param enabled whether each request to the public port is logged as a line of JSON on standard
 *     output
 */
@ConfigurationProperties("gateway.access-log")
record AccessLogProperties(@DefaultValue("false") boolean enabled) {}
