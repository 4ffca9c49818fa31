/* SPDX-License-Identifier: GPL-2.0 */
/* debugfs, procfs and seq_file: what is created is read by shim_read(); and sysfs. */
#ifndef _SHIM_FS_H
#define _SHIM_FS_H

#include "basic.h"

struct file {
	struct seq_file		*private_data;
	const struct cred	*f_cred;
};

struct inode {
	void	*i_private;
	void	*i_sb;
};

struct seq_file;

struct seq_operations {
	void	*(*start)(struct seq_file *m, loff_t *pos);
	void	*(*next)(struct seq_file *m, void *v, loff_t *pos);
	void	(*stop)(struct seq_file *m, void *v);
	int	(*show)(struct seq_file *m, void *v);
};

struct seq_file {
	char				*buf;
	size_t				len;
	size_t				size;
	void				*private;
	struct file			*file;
	const struct seq_operations	*op;
};

struct file_operations {
	int	owner;
	int	(*open)(struct inode *inode, struct file *file);
	int	read;
	int	llseek;
	int	(*release)(struct inode *inode, struct file *file);
	int	(*get)(void *data, u64 *val);
	int	(*set)(void *data, u64 val);
};

#define DEFINE_DEBUGFS_ATTRIBUTE(name, getter, setter, fmt) \
	static const struct file_operations name = { .get = getter, .set = setter }

struct proc_ops {
	int	proc_flags;
	int	(*proc_open)(struct inode *inode, struct file *file);
	int	proc_read_iter;
	int	proc_lseek;
	int	(*proc_release)(struct inode *inode, struct file *file);
};

#define PROC_ENTRY_PERMANENT	0
#define THIS_MODULE		0
#define seq_read		0
#define seq_read_iter		0
#define seq_lseek		0
#define SEQ_START_TOKEN		((void *)1)

int seq_open(struct file *file, const struct seq_operations *op);
void *__seq_open_private(struct file *file, const struct seq_operations *op, int size);
int seq_open_private(struct file *file, const struct seq_operations *op, int size);
int seq_release(struct inode *inode, struct file *file);
int seq_release_private(struct inode *inode, struct file *file);
void seq_printf(struct seq_file *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void seq_escape(struct seq_file *m, const char *s, const char *escaped);
#define seq_puts(m, s)		seq_printf(m, "%s", s)

#define debugfs_create_dir(name, parent)	NULL
#define debugfs_create_file(name, mode, dir, data, fops) \
	((void)(dir), shim_create_file(name, data, fops))

#define debugfs_create_file_unsafe	debugfs_create_file

#define proc_create(name, mode, dir, ops)	shim_create_proc(name, ops)

/**
 * struct shim_reader - who opens files
 * @cred: user
 * @ns: PID namespace of procfs where it is mounted
 * @perfmon: has CAP_PERFMON
 * @kernel: may see the kernel's addresses
 */
struct shim_reader {
	struct cred		cred;
	struct pid_namespace	*ns;
	bool			perfmon;
	bool			kernel;
};

/* Everybody may know everything, if a test says nothing else. */
extern struct shim_reader shim_reader;
#define proc_pid_ns(sb)			((void)(sb), shim_reader.ns)
#define perfmon_capable()		(shim_reader.perfmon)
#define kallsyms_show_value(cred)	((void)(cred), shim_reader.kernel)

void shim_create_proc(const char *name, const struct proc_ops *ops);

struct dentry;
void shim_create_file(const char *name, void *data, const struct file_operations *fops);

/*
 * Reads a file of debugfs or procfs as a program would that reads some bytes at a time. @between,
 * if there is any, is called after each part.
 */
void shim_read(const char *name, char *buf, size_t size, void (*between)(void));

/* A file of debugfs that has a number; the first answers it, the second what writing it answers. */
u64 shim_get(const char *name);
int shim_set(const char *name, u64 val);

/* ---- sysfs: what a PMU's device has is read by shim_read_sysfs() ---- */

struct device;

struct attribute {
	const char	*name;
};

struct device_attribute {
	struct attribute	attr;
	ssize_t			(*show)(struct device *dev, struct device_attribute *attr,
					char *buf);
};

struct attribute_group {
	const char		*name;
	struct attribute	**attrs;
};

#define PMU_FORMAT_ATTR(n, text)						\
static ssize_t format_##n##_show(struct device *dev, struct device_attribute *attr,	\
				 char *buf)						\
{										\
	return sysfs_emit(buf, "%s\n", text);					\
}										\
static struct device_attribute format_attr_##n = {				\
	.attr.name = #n, .show = format_##n##_show,				\
}
#define DEVICE_ATTR_RO(n) \
	struct device_attribute dev_attr_##n = { .attr.name = #n, .show = n##_show }

/* As the kernel's, "%*pbl" where it is the whole line */
int sysfs_emit(char *buf, const char *fmt, ...);
int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* @name: of a file, with its group's before it. @buf: a page. Return: false if there is none. */
bool shim_read_sysfs(const struct attribute_group **groups, const char *name, char *buf);

#endif
