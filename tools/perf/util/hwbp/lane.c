// SPDX-License-Identifier: GPL-2.0
/*
 * What a picture of a recording has of each CPU, one below the other.
 */
#include <string.h>
#include <linux/kernel.h>

#include "hwbp.h"

/**
 * hwbp_lane_of() - where a stay is drawn
 * @stay: that
 *
 * Return: the lane.
 */
int hwbp_lane_of(const struct hwbp_stay *stay)
{
	return stay->slot < 0 ? HWBP_LANE_DEBUGGERS : stay->slot;
}

/**
 * hwbp_lane_name() - what is written beside a lane
 * @lane: which
 * @name: filled
 * @size: room there
 */
void hwbp_lane_name(int lane, char *name, size_t size)
{
	static const char * const others[] = { "debuggers", "refusals", "guests" };

	if (lane < HWBP_MAX_SLOTS)
		scnprintf(name, size, "slot %d", lane);
	else
		scnprintf(name, size, "%s", others[lane - HWBP_MAX_SLOTS]);
}

/**
 * hwbp_lanes() - those that anything is drawn in
 * @replay: the recording
 * @lanes: HWBP_LANES of them, filled
 */
void hwbp_lanes(const struct hwbp_replay *replay, bool *lanes)
{
	const struct hwbp_stay *stay;

	memset(lanes, 0, HWBP_LANES * sizeof(*lanes));
	list_for_each_entry(stay, &replay->stays, node)
		lanes[hwbp_lane_of(stay)] = true;
	lanes[HWBP_LANE_REFUSALS] = !list_empty(&replay->refusals);
	lanes[HWBP_LANE_LOANS] = !list_empty(&replay->loans);
}
