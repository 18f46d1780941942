using k8s;
using k8s.Models;

namespace Servo.Deploy.Tests;

/// <summary>The manifests, read into Kubernetes' own types; a key that these do not have is an error.</summary>
internal static class KubernetesManifests
{
    public static IReadOnlyList<string> Files => [.. Directory.GetFiles(DeployFolder.PathOf("kubernetes"), "*.yaml").Select(file => Path.GetFileName(file)!).Where(file => file != "kustomization.yaml").Order()];

    public static V1Deployment Deployment => Load<V1Deployment>("deployment.yaml");

    public static V1PodSpec Pod => Deployment.Spec.Template.Spec;

    public static V1Container Container => Pod.Containers.Single();

    public static T Load<T>(string file) => Read(DeployFolder.Text($"kubernetes/{file}")).ShouldHaveSingleItem().ShouldBeOfType<T>();

    public static IReadOnlyList<object> Read(string yaml) => KubernetesYaml.LoadAllFromString(yaml, strict: true);
}
