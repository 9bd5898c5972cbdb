package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskReply;

/**
 * A reply and the account it came from.
 *
 * @param account its name: opaque, to be handed back with the next question about the task
 */
public record AccountReply(TaskReply reply, String account) {}
