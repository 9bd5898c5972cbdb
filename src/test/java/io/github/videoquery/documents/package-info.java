/** The documents say what the code does, their commands run, and their links lead somewhere. */
@NullMarked
package io.github.videoquery.documents;

import org.jspecify.annotations.NullMarked;
