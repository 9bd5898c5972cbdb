/** Authentication, authorization, rate limits and CORS. */
@NullMarked
package io.github.videoquery.access;

import org.jspecify.annotations.NullMarked;
