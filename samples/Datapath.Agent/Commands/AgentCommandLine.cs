using System.CommandLine;
using Datapath.Agent.Commands.Nat;

namespace Datapath.Agent.Commands;

/// <summary>All that the agent takes on its command line.</summary>
internal static class AgentCommandLine
{
    public static RootCommand Create() => new("""
        Serves Kubernetes services to the processes of this machine, by eBPF, with or without Kubernetes.

        Put manifests of Services, EndpointSlices, Pods and redirect policies into a folder, for example what
        `kubectl get services,endpointslices,pods,ciliumlocalredirectpolicies -A -o yaml` prints:
          datapath-agent plan --manifests DIR             what would be programmed; needs neither root nor a kernel
          datapath-agent explain --manifests DIR --from NAMESPACE/POD --to ADDRESS:PORT/PROTOCOL
                                                          what becomes of a dial, and why
          datapath-agent diff OLD NEW                     what would change from one folder to another
          datapath-agent run --manifests DIR              program it and follow the folder
          datapath-agent run --kubernetes                 the same with the objects of a cluster
          datapath-agent service list                     services and their backends, from the running agent
          datapath-agent lrp list                         redirect policies and what became of them, from the running agent
          datapath-agent lb list                          what the kernel holds, with or without an agent
          datapath-agent verify                           whether the kernel holds what the running agent wants it to
          datapath-agent monitor                          dials to services as they happen, with or without an agent
          datapath-agent nat list                         flows that leave with another address; `nat stats`, `nat explain`
          datapath-agent uninstall                        take everything out of the kernel

        Exit codes: 0 done, 1 failed, 2 bad command line or configuration, 3 manifests with mistakes (plan), 4 nothing there (no agent, no pins).
        """)
    {
        RunCommand.Create(),
        PlanCommand.Create(),
        ExplainCommand.Create(),
        DiffCommand.Create(),
        ServiceListCommand.Create(),
        LrpListCommand.Create(),
        LbListCommand.Create(),
        MonitorCommand.Create(),
        StatusCommand.Create(),
        VerifyCommand.Create(),
        NatCommand.Create(),
        UninstallCommand.Create(),
    };
}
