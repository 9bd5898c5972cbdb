/** Every error this service can answer, the server's own refusals included (RFC 9457). */
@NullMarked
package io.github.videoquery.problem;

import org.jspecify.annotations.NullMarked;
