"""Checks that the cluster shows what deploy.py deployed; fails, with a sentence, where it does not."""
import os

from servo import servo

PODS = int(os.environ.get('PODS', '2'))

with servo() as proxy:
    clusters = proxy('ls')
    print('clusters: %s' % ', '.join(sorted(clusters)))

    web = clusters.get('marathon.web')
    assert web, 'marathon.web is not deployed'
    assert web['running'] >= PODS, 'only %d of %d pods run' % (web['running'], PODS)

    # In this order: a pod that another run deploys meanwhile is in the metrics only.
    ports, metrics = proxy('port 80 marathon.web'), proxy('poll marathon.web')
    for pod, at in sorted(ports.items()):
        assert metrics.get(pod), '%s sends no metrics' % pod
        print('%s is up for %s, port 80 is at %s:%s' % (pod, metrics[pod]['uptime'], at['ip'], at['ports']))

print('all is well')
