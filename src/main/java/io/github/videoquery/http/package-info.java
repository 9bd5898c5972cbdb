/** What the gateway's own HTTP clients have in common: a proxy, and TLS by a bundle. */
@NullMarked
package io.github.videoquery.http;

import org.jspecify.annotations.NullMarked;
