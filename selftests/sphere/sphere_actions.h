/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - What agents of several tests are asked to do
 *
 * Descriptors are the agent's. All of them return 0 or more, or a negative
 * errno.
 */

#ifndef SPHERE_ACTIONS_H
#define SPHERE_ACTIONS_H

#include "sphere_common.h"

/* Of the file @text, with the flags @a. */
sphere_action sphere_do_open;
sphere_action sphere_do_close;
/* Opened and closed, with the flags @a. */
sphere_action sphere_do_try_open;

/* Of the descriptor @a, without waiting; @b bytes, or one. */
sphere_action sphere_do_read;
sphere_action sphere_do_write;
/* What poll() says at once. */
sphere_action sphere_do_poll;

/* The first byte of the file @text. */
sphere_action sphere_do_read_file;
/* "PATH VALUE" */
sphere_action sphere_do_write_file;

/* Over the socket @a: receives a file, sends the file @b. */
sphere_action sphere_do_receive_fd;
sphere_action sphere_do_send_fd;

/* Lines of the chip @a, as in "0 2 65". */
#define SPHERE_PACK(abi, direction)	((abi) << 8 | (direction))
sphere_action sphere_do_request;
/* Of the file @a of lines that were requested by the interface @b. */
sphere_action sphere_do_get_lines;
sphere_action sphere_do_set_lines;
/* @b: the interface and the direction. */
sphere_action sphere_do_config_lines;

/*
 * Of family @a and type @b. Addresses are "IP PORT", or "@NAME" for an abstract
 * one of AF_UNIX.
 */
sphere_action sphere_do_socket;
sphere_action sphere_do_bind;
/* With a queue. */
sphere_action sphere_do_listen;
sphere_action sphere_do_connect;
sphere_action sphere_do_accept;
/* One byte, to @text if that is not empty. */
sphere_action sphere_do_send;

sphere_action sphere_do_sethostname;

/* The name of the thread becomes @text. */
sphere_action sphere_do_set_name;

/* The same by the caller. */
long sphere_do(sphere_action *action, long a, long b, const char *text);

#endif /* SPHERE_ACTIONS_H */
