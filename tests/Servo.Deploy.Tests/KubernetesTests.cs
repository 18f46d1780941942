using k8s;
using k8s.Models;
using YamlDotNet.Core;

namespace Servo.Deploy.Tests;

public sealed class KubernetesTests
{
    private readonly V1PodSpec _pod = KubernetesManifests.Pod;
    private readonly V1Container _container = KubernetesManifests.Container;

    [Fact]
    public void Every_manifest_holds_one_object_of_the_namespace_and_no_key_that_kubernetes_does_not_have()
    {
        KubernetesManifests.Files.ShouldBe(["deployment.yaml", "namespace.yaml", "networkpolicy.yaml", "secret.yaml", "service.yaml"]);

        foreach (var file in KubernetesManifests.Files)
        {
            var item = KubernetesManifests.Read(DeployFolder.Text($"kubernetes/{file}")).ShouldHaveSingleItem()
                .ShouldBeAssignableTo<IKubernetesObject<V1ObjectMeta>>()!;
            item.Metadata.Name.ShouldBe("servo");
            (item is V1Namespace ? item.Metadata.Name : item.Metadata.NamespaceProperty).ShouldBe("servo");
        }
    }

    [Theory]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true")]
    [InlineData("terminationGracePeriodSeconds: 35", "terminationGracePeriod: 35")]
    [InlineData("medium: Memory", "medium: Memory\n            size: 1Gi")]
    public void A_misspelt_key_would_be_found(string right, string wrong)
    {
        var yaml = DeployFolder.Text("kubernetes/deployment.yaml");
        yaml.ShouldContain(right);

        Should.Throw<YamlException>(() => KubernetesManifests.Read(yaml.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void Kustomize_takes_all_of_them_but_the_secret()
    {
        var kustomization = DeployFolder.Yaml("kubernetes/kustomization.yaml");

        kustomization["resources"].Strings().Order().ShouldBe(KubernetesManifests.Files.Where(file => file != "secret.yaml"));
        $"{kustomization["images"]![0]!["name"]}:{kustomization["images"]![0]!["newTag"]}".ShouldBe(_container.Image);
        _container.Image.ShouldEndWith($"/servo:{DeployFolder.Version}");
    }

    [Fact]
    public void The_pod_meets_the_restricted_profile_and_the_namespace_asks_for_it()
    {
        KubernetesManifests.Load<V1Namespace>("namespace.yaml").Metadata.Labels["pod-security.kubernetes.io/enforce"].ShouldBe("restricted");

        _pod.SecurityContext.RunAsNonRoot.ShouldBe(true);
        _pod.SecurityContext.RunAsUser.ShouldBe(DeployFolder.User);
        _pod.SecurityContext.FsGroup.ShouldBe(DeployFolder.User);
        _pod.SecurityContext.SeccompProfile.Type.ShouldBe("RuntimeDefault");
        _container.SecurityContext.RunAsNonRoot.ShouldBe(true);
        _container.SecurityContext.ReadOnlyRootFilesystem.ShouldBe(true);
        _container.SecurityContext.AllowPrivilegeEscalation.ShouldBe(false);
        _container.SecurityContext.Privileged.ShouldBe(false);
        _container.SecurityContext.Capabilities.Drop.ShouldBe(["ALL"]);
        _container.SecurityContext.Capabilities.Add.ShouldBeNull();
        (_pod.HostNetwork, _pod.HostPID, _pod.HostIPC).ShouldBe((null, null, null));
    }

    [Fact]
    public void The_pod_has_no_account_of_the_cluster_and_no_variables_that_nobody_wrote()
    {
        _pod.AutomountServiceAccountToken.ShouldBe(false);
        _pod.EnableServiceLinks.ShouldBe(false);
        _pod.Volumes.ShouldAllBe(volume => volume.HostPath == null && volume.Projected == null);
    }

    [Fact]
    public void The_only_places_that_can_be_written_are_in_memory_and_limited()
    {
        _container.VolumeMounts.Select(mount => mount.MountPath).ShouldBe([DeployFolder.WorkspaceRoot, "/tmp", DeployFolder.StateRoot]);
        _container.VolumeMounts.Select(mount => mount.Name).ShouldBe(_pod.Volumes.Select(volume => volume.Name));
        _pod.Volumes.SkipLast(1).ShouldAllBe(volume => volume.EmptyDir.Medium == "Memory" && volume.EmptyDir.SizeLimit != null);
        // On the node's disk: it outlives the container.
        _pod.Volumes[^1].EmptyDir.Medium.ShouldBeNull();
        _container.Env.Single(variable => variable.Name == "Servo__State__Root").Value.ShouldBe(DeployFolder.StateRoot);
        _container.Env.Single(variable => variable.Name == "Servo__Workspace__Root").Value.ShouldBe(DeployFolder.WorkspaceRoot);
    }

    [Fact]
    public void Cpu_and_memory_are_asked_for_and_limited()
    {
        foreach (var resource in new[] { "cpu", "memory" })
            _container.Resources.Requests[resource].ToDecimal().ShouldBeInRange(0.01m, _container.Resources.Limits[resource].ToDecimal());
    }

    [Fact]
    public void Liveness_asks_for_health_and_readiness_for_places()
    {
        _container.Ports.Single().ContainerPort.ShouldBe(5000);
        _container.StartupProbe.HttpGet.Path.ShouldBe("/health");
        _container.LivenessProbe.HttpGet.Path.ShouldBe("/health");
        _container.ReadinessProbe.HttpGet.Path.ShouldBe("/ready");

        foreach (var probe in new[] { _container.StartupProbe, _container.LivenessProbe, _container.ReadinessProbe })
            probe.HttpGet.Port.Value.ShouldBe(_container.Ports.Single().Name);
    }

    [Fact]
    public void A_pod_that_is_told_to_stop_has_the_time_that_the_host_takes() =>
        _pod.TerminationGracePeriodSeconds!.Value.ShouldBeGreaterThanOrEqualTo(30);

    [Fact]
    public void The_tokens_come_from_a_secret_that_holds_none_here()
    {
        var secret = KubernetesManifests.Load<V1Secret>("secret.yaml");
        (secret.Data ?? new Dictionary<string, byte[]>()).ShouldBeEmpty();
        (secret.StringData ?? new Dictionary<string, string>()).ShouldBeEmpty();

        var token = _container.Env.Single(variable => variable.Name == "Servo__Token");
        token.Value.ShouldBeNull();
        token.ValueFrom.SecretKeyRef.Name.ShouldBe(secret.Metadata.Name);
        token.ValueFrom.SecretKeyRef.Key.ShouldBe("token");

        // Without a token the host would draw one and print it: the pod must wait instead.
        (token.ValueFrom.SecretKeyRef.Optional ?? false).ShouldBeFalse();
    }

    [Fact]
    public void The_service_and_the_policy_mean_the_pods_of_the_deployment()
    {
        var labels = KubernetesManifests.Deployment.Spec.Template.Metadata.Labels;
        var service = KubernetesManifests.Load<V1Service>("service.yaml");

        service.Spec.Selector.ShouldBeSubsetOf(labels);
        KubernetesManifests.Deployment.Spec.Selector.MatchLabels.ShouldBeSubsetOf(labels);
        KubernetesManifests.Load<V1NetworkPolicy>("networkpolicy.yaml").Spec.PodSelector.MatchLabels.ShouldBeSubsetOf(labels);
        service.Spec.Ports.Single().TargetPort.Value.ShouldBe(_container.Ports.Single().Name);
        service.Spec.Type.ShouldBe("ClusterIP");
    }

    [Fact]
    public void Only_labelled_pods_reach_port_5000_and_no_other()
    {
        var policy = KubernetesManifests.Load<V1NetworkPolicy>("networkpolicy.yaml").Spec;
        var ingress = policy.Ingress.ShouldHaveSingleItem();

        policy.PolicyTypes.ShouldBe(["Ingress", "Egress"]);
        ingress.Ports.ShouldHaveSingleItem().Port.Value.ShouldBe("5000");
        ingress.FromProperty.ShouldNotBeEmpty();
        ingress.FromProperty.ShouldAllBe(peer => peer.PodSelector.MatchLabels["servo-caller"] == "true" && peer.IpBlock == null);
    }

    [Fact]
    public void Pods_reach_names_and_private_networks_and_neither_the_internet_nor_the_metadata_service()
    {
        var egress = KubernetesManifests.Load<V1NetworkPolicy>("networkpolicy.yaml").Spec.Egress;
        var networks = egress.SelectMany(rule => rule.To).Where(peer => peer.IpBlock is not null)
            .Select(peer => System.Net.IPNetwork.Parse(peer.IpBlock.Cidr)).ToList();

        egress.ShouldAllBe(rule => rule.To.Count > 0 && rule.Ports.Count > 0);
        networks.ShouldContain(network => network.Contains(System.Net.IPAddress.Parse("10.0.0.1")));
        foreach (var forbidden in new[] { "169.254.169.254", "1.1.1.1" })
            networks.ShouldNotContain(network => network.Contains(System.Net.IPAddress.Parse(forbidden)));
    }
}
