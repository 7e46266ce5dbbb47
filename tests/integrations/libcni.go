// SPDX-License-Identifier: GPL-2.0

// What a runtime does, by the library that runtimes use: libcni ACTION CONFLIST CACHE PLUGINS ID NETNS [CAPABILITIES]
// ACTION is validate, add, check or del; CAPABILITIES is an object of JSON, passed on to plugins that ask for it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/libcni"
)

func run(action string, cni *libcni.CNIConfig, list *libcni.NetworkConfigList, rt *libcni.RuntimeConf) error {
	ctx := context.Background()
	switch action {
	case "validate":
		capabilities, err := cni.ValidateNetworkList(ctx, list)
		fmt.Println(capabilities)
		return err
	case "add":
		result, err := cni.AddNetworkList(ctx, list, rt)
		if err != nil {
			return err
		}
		return result.Print()
	case "check":
		return cni.CheckNetworkList(ctx, list, rt)
	case "del":
		return cni.DelNetworkList(ctx, list, rt)
	}
	return fmt.Errorf("%s: no such action", action)
}

func main() {
	words := os.Args
	list, err := libcni.ConfListFromFile(words[2])
	rt := &libcni.RuntimeConf{ContainerID: words[5], NetNS: words[6], IfName: "eth0"}
	if err == nil && len(words) > 7 {
		err = json.Unmarshal([]byte(words[7]), &rt.CapabilityArgs)
	}
	if err == nil {
		plugins := filepath.SplitList(words[4])
		err = run(words[1], libcni.NewCNIConfigWithCacheDir(plugins, words[3], nil), list, rt)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
