/** What tests share: a clock, a provider, gateways as beans and as processes, raw sockets. */
@NullMarked
package io.github.videoquery.support;

import org.jspecify.annotations.NullMarked;
