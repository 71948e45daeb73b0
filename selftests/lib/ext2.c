// SPDX-License-Identifier: GPL-2.0-only
/* The layout is that of fs/ext2/ext2.h; multi-byte fields are little endian. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ext2.h"

#define BLOCK 4096U
#define GROUP_BLOCKS (8 * BLOCK)
#define INODES 64U
#define RESERVED_INODES 10U
#define ROOT_INODE 2U

enum { SUPER, DESCRIPTOR, BLOCK_BITMAP, INODE_BITMAP, INODE_TABLE, ROOT_DIR = INODE_TABLE + 2, USED };

struct super {
	uint32_t inodes, blocks, reserved_blocks, free_blocks, free_inodes, first_data_block;
	uint32_t log_block_size, log_fragment_size, blocks_per_group, fragments_per_group;
	uint32_t inodes_per_group, mount_time, write_time;
	uint16_t mounts, max_mounts, magic, state, errors, minor;
};

struct descriptor {
	uint32_t block_bitmap, inode_bitmap, inode_table;
	uint16_t free_blocks, free_inodes, directories;
};

struct inode {
	uint16_t mode, uid;
	uint32_t size, access_time, create_time, change_time, delete_time;
	uint16_t gid, links;
	uint32_t sectors, flags, os, block[15], rest[7];
};

_Static_assert(sizeof(struct inode) == 128, "an inode of revision 0 has 128 bytes");

struct entry {
	uint32_t inode;
	uint16_t length, name_length;
	char name[4];
};

static unsigned char image[USED][BLOCK];

/* Bits 0..used-1 are taken, and so is what lies beyond the end. */
static void fill_bitmap(unsigned char *bitmap, uint32_t used, uint32_t count)
{
	uint32_t bit;

	for (bit = 0; bit < GROUP_BLOCKS; bit++)
		if (bit < used || bit >= count)
			bitmap[bit / 8] |= 1U << (bit % 8);
}

static void fill_super(uint32_t blocks)
{
	struct super super = {
		.inodes = INODES, .blocks = blocks, .free_blocks = blocks - USED,
		.free_inodes = INODES - RESERVED_INODES, .log_block_size = 2, .log_fragment_size = 2,
		.blocks_per_group = GROUP_BLOCKS, .fragments_per_group = GROUP_BLOCKS,
		.inodes_per_group = INODES, .max_mounts = 0xffff, .magic = 0xef53, .state = 1,
		.errors = 1,
	};
	struct descriptor descriptor = {
		.block_bitmap = BLOCK_BITMAP, .inode_bitmap = INODE_BITMAP, .inode_table = INODE_TABLE,
		.free_blocks = blocks - USED, .free_inodes = INODES - RESERVED_INODES, .directories = 1,
	};

	memcpy(image[SUPER] + 1024, &super, sizeof(super));
	memcpy(image[DESCRIPTOR], &descriptor, sizeof(descriptor));
}

static void fill_root(void)
{
	struct inode root = {
		.mode = S_IFDIR | 0755, .size = BLOCK, .links = 2, .sectors = BLOCK / 512,
		.block = { ROOT_DIR },
	};
	struct entry self = { .inode = ROOT_INODE, .length = 12, .name_length = 1, .name = "." };
	struct entry parent = {
		.inode = ROOT_INODE, .length = BLOCK - 12, .name_length = 2, .name = "..",
	};

	memcpy(image[INODE_TABLE] + (ROOT_INODE - 1) * sizeof(root), &root, sizeof(root));
	memcpy(image[ROOT_DIR], &self, sizeof(self));
	memcpy(image[ROOT_DIR] + 12, &parent, sizeof(parent));
}

int ext2_format(const char *device, size_t mib)
{
	uint32_t blocks = mib * (1 << 20) / BLOCK;
	int fd, err = 0;

	if (blocks > GROUP_BLOCKS)
		return -EFBIG;
	memset(image, 0, sizeof(image));
	fill_super(blocks);
	fill_bitmap(image[BLOCK_BITMAP], USED, blocks);
	fill_bitmap(image[INODE_BITMAP], RESERVED_INODES, INODES);
	fill_root();
	fd = open(device, O_WRONLY | O_CLOEXEC | O_SYNC);
	if (fd < 0)
		return -errno;
	if (write(fd, image, sizeof(image)) != sizeof(image))
		err = -EIO;
	close(fd);
	return err;
}
