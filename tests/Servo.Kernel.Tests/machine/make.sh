#!/usr/bin/env bash
# Makes a folder with what a virtual machine boots from: a Debian kernel, and a first file system that mounts this machine's own, for reading.
set -euo pipefail

folder=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# What they need comes with them.
modules=(virtio_pci 9pnet_virtio 9p overlay virtio_blk ext4 crc32c_generic)

busybox=$(command -v busybox)
if ldd "$busybox" > /dev/null 2>&1; then
  echo "$busybox is not static: install busybox-static" >&2
  exit 1
fi

rm -rf "$folder"
mkdir -p "$folder/first/bin" "$folder/package"
cd "$folder"

apt-get download "$(apt-cache depends linux-image-amd64 | grep -o 'linux-image-[0-9][^ ]*')"
dpkg-deb --extract linux-image-*.deb package
mv package/boot/vmlinuz-* kernel
version=$(ls package/lib/modules)

# Merged into /usr on newer systems, so it is copied under the name that the kernel's tools expect.
mkdir -p "first/lib/modules/$version"
while read -r module; do
  mkdir -p "first/lib/modules/$version/$(dirname "$module")"
  cp "package/lib/modules/$version/$module" "first/lib/modules/$version/$module"
done < <(cd "package/lib/modules/$version" && find kernel/drivers/virtio kernel/drivers/block/virtio_blk.ko* kernel/net/9p kernel/fs/9p kernel/fs/netfs kernel/fs/fscache \
  kernel/fs/overlayfs kernel/fs/ext4 kernel/fs/jbd2 kernel/fs/mbcache.ko* kernel/lib/crc16.ko* kernel/crypto/crc32c_generic.ko* -name '*.ko*' 2> /dev/null)
"$busybox" depmod -b first "$version"

cp "$busybox" first/bin/busybox
printf '%s\n' "${modules[@]}" > first/modules
install -m 755 "$here/init" first/init
(cd first && find . | "$busybox" cpio -o -H newc 2> /dev/null | gzip -1 > ../initrd.gz)
rm -rf first package linux-image-*.deb
touch complete
