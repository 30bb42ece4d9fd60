// SPDX-License-Identifier: MIT OR Apache-2.0
// Objects that programs make: kept in a value of a map, in a list and in a tree.

#include "fixture.h"

#define contains(TYPE, NODE) __attribute__((btf_decl_tag("contains:" #TYPE ":" #NODE)))
#define around(POINTER, TYPE, MEMBER) ((struct TYPE *)((char *)(POINTER) - __builtin_offsetof(struct TYPE, MEMBER)))

extern void *bpf_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern void *bpf_refcount_acquire_impl(void *object, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta,
				    __u64 off) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta,
				   __u64 off) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern struct bpf_list_node *bpf_list_pop_back(struct bpf_list_head *head) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			       _Bool (*less)(struct bpf_rb_node *, const struct bpf_rb_node *), void *meta,
			       __u64 off) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) __ksym;

struct kept_object {
	__u64 number;
	struct bpf_refcount count;
	struct bpf_list_node listed;
	struct bpf_rb_node sorted;
};

struct bucket {
	struct bpf_spin_lock lock;
	struct bpf_list_head list contains(kept_object, listed);
	struct bpf_rb_root tree contains(kept_object, sorted);
	struct kept_object __kptr *kept;
	__u64 after;
};

struct {
	__uint(type, 2);
	__type(key, __u32);
	__type(value, struct bucket);
	__uint(max_entries, 1);
} buckets SEC(".maps");

// The number of `struct kept_object` among the types, which the loader fills in.
const volatile __u64 object_type = 0;
__u64 input;
__u64 output;

static struct bucket *bucket(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&buckets, &key);
}

// A function of its own, for the types to have all of `struct kept_object`.
static __attribute__((noinline)) __u64 number_of(struct kept_object *node)
{
	return node->number;
}

// Puts a new object into the value: 1 if there was one, which is dropped.
SEC("tc") int keep(struct __sk_buff *skb)
{
	struct bucket *bucket_ = bucket();
	struct kept_object *node;

	if (!bucket_)
		return 7;
	node = bpf_obj_new_impl(object_type, 0);
	if (!node)
		return 8;
	node->number = input;
	node = bpf_kptr_xchg(&bucket_->kept, node);
	if (!node)
		return 0;
	output = number_of(node);
	bpf_obj_drop_impl(node, 0);
	return 1;
}

// Takes the object out of the value: 1 if there was one.
SEC("tc") int take(struct __sk_buff *skb)
{
	struct bucket *bucket_ = bucket();
	struct kept_object *node;

	if (!bucket_)
		return 7;
	node = bpf_kptr_xchg(&bucket_->kept, 0);
	if (!node)
		return 0;
	output = number_of(node);
	bpf_obj_drop_impl(node, 0);
	return 1;
}

#define PUSH(END)                                                                             \
	SEC("tc") int push_##END(struct __sk_buff *skb)                                       \
	{                                                                                     \
		struct bucket *bucket_ = bucket();                                            \
		struct kept_object *node;                                                            \
		int result;                                                                   \
		if (!bucket_)                                                                 \
			return 7;                                                             \
		node = bpf_obj_new_impl(object_type, 0);                                        \
		if (!node)                                                                    \
			return 8;                                                             \
		node->number = input;                                                         \
		bpf_spin_lock(&bucket_->lock);                                                \
		result = bpf_list_push_##END##_impl(&bucket_->list, &node->listed, 0, 0);     \
		bpf_spin_unlock(&bucket_->lock);                                              \
		return result;                                                                \
	}                                                                                     \
	SEC("tc") int pop_##END(struct __sk_buff *skb)                                        \
	{                                                                                     \
		struct bucket *bucket_ = bucket();                                            \
		struct bpf_list_node *listed;                                                 \
		struct kept_object *node;                                                            \
		if (!bucket_)                                                                 \
			return 7;                                                             \
		bpf_spin_lock(&bucket_->lock);                                                \
		listed = bpf_list_pop_##END(&bucket_->list);                                  \
		bpf_spin_unlock(&bucket_->lock);                                              \
		if (!listed)                                                                  \
			return 0;                                                             \
		node = around(listed, kept_object, listed);                                          \
		output = node->number;                                                        \
		bpf_obj_drop_impl(node, 0);                                                   \
		return 1;                                                                     \
	}

PUSH(front)
PUSH(back)

static _Bool less(struct bpf_rb_node *one, const struct bpf_rb_node *two)
{
	return around(one, kept_object, sorted)->number < around(two, kept_object, sorted)->number;
}

SEC("tc") int add(struct __sk_buff *skb)
{
	struct bucket *bucket_ = bucket();
	struct kept_object *node;

	if (!bucket_)
		return 7;
	node = bpf_obj_new_impl(object_type, 0);
	if (!node)
		return 8;
	node->number = input;
	bpf_spin_lock(&bucket_->lock);
	bpf_rbtree_add_impl(&bucket_->tree, &node->sorted, less, 0, 0);
	bpf_spin_unlock(&bucket_->lock);
	return 0;
}

SEC("tc") int least(struct __sk_buff *skb)
{
	struct bucket *bucket_ = bucket();
	struct bpf_rb_node *sorted;
	struct kept_object *node;

	if (!bucket_)
		return 7;
	bpf_spin_lock(&bucket_->lock);
	sorted = bpf_rbtree_first(&bucket_->tree);
	if (!sorted) {
		bpf_spin_unlock(&bucket_->lock);
		return 0;
	}
	sorted = bpf_rbtree_remove(&bucket_->tree, sorted);
	bpf_spin_unlock(&bucket_->lock);
	if (!sorted)
		return 2;
	node = around(sorted, kept_object, sorted);
	output = node->number;
	bpf_obj_drop_impl(node, 0);
	return 1;
}

// One object in the list and in the tree at the same time.
SEC("tc") int both(struct __sk_buff *skb)
{
	struct bucket *bucket_ = bucket();
	struct kept_object *node, *again;

	if (!bucket_)
		return 7;
	node = bpf_obj_new_impl(object_type, 0);
	if (!node)
		return 8;
	node->number = input;
	again = bpf_refcount_acquire_impl(node, 0);
	bpf_spin_lock(&bucket_->lock);
	bpf_rbtree_add_impl(&bucket_->tree, &node->sorted, less, 0, 0);
	bpf_list_push_back_impl(&bucket_->list, &again->listed, 0, 0);
	bpf_spin_unlock(&bucket_->lock);
	return 0;
}

SEC("license") char _license[] = "GPL";
